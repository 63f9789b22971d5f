import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { getServiceToken, type Person, type Send, startUsher, type TestUsher } from "./harness.ts";
import { startSecond } from "./second-process.ts";

/**
 * Every change of rights and facts is made at one process and asked about at another, which keeps them in its memory and
 * has just used them: the very next answer is the changed one.
 */
let usher: TestUsher;
let elsewhere: Awaited<ReturnType<typeof startSecond>>;
let operator: string;
before(async () => {
  usher = await startUsher();
  operator = await usher.logInAdmin();
  elsewhere = await startSecond(usher);
});
after(async () => {
  await elsewhere.stop();
  await usher.stop();
});

/** Whose rights change: a person who is logged in, and a service account with a token. */
type Subject = { person: Person; account: { client_id: string; client_secret: string }; serviceToken: string };

type Change = {
  change: string;
  /** Done before, so that there is something to change. */
  given?: (subject: Subject) => Promise<unknown>;
  make: (subject: Subject) => Promise<{ status: number; text: string }>;
  /** What is asked elsewhere, before and after. */
  ask: (subject: Subject, send: Send) => Promise<unknown>;
  before: unknown;
  after: unknown;
};

const put = ({ person }: Subject, what: string, body: object) =>
  usher.send("PUT", `/users/${person.userId}/${what}`, { token: operator, body });
const block = (subject: Subject) => put(subject, "status", { status: "blocked", reason: "test" });
const permit = (subject: Subject, permissions: string[]) =>
  put(subject, "permissions", { permissions, reason: "test" });
const approve = async ({ person: { token } }: Subject) => {
  const { body } = await usher.send("POST", "/ekyc/me/sessions", { body: {}, token });
  return usher.playVeriff(body.id, "approve");
};

/** The status, or the error's code. */
const answerOf = async (send: Send, path: string, token: string) => {
  const { status, body } = await send("GET", path, { token });
  return body.errorCode ?? status;
};
const me = ({ person }: Subject, send: Send) => answerOf(send, "/auth/me", person.token);
/** The person asks about somebody else. */
const askOfOthers = ({ person }: Subject, send: Send) => answerOf(send, "/User/1/status", person.token);
/** The service asks. */
const serve = ({ serviceToken }: Subject, send: Send) => answerOf(send, "/User/1/status", serviceToken);
/** What everybody else hears of the person. */
const gate = async ({ person: { id } }: Subject, send: Send) =>
  (await send("GET", `/User/${id}/status`, { token: operator })).body.status;

const onAccount = ({ account }: Subject, method: string, more = "", body?: object) =>
  usher.send(method, `/service-accounts/${account.client_id}${more}`, { token: operator, body });
const revoke = ({ account: { client_id, client_secret }, serviceToken: token }: Subject) =>
  usher.send("POST", "/oidc/revocation", {
    raw: new URLSearchParams({ client_id, client_secret, token }).toString(),
    headers: { "content-type": "application/x-www-form-urlencoded" },
  });

const unblocked = { status: "not_verified", reason: "test" };
const asOperator = { role: "admin", type: "internal-admin", reason: "test" };
const read = ["users.status.get"];

// biome-ignore format: a table reads best aligned
const changes: Change[] = [
  { change: "a person is blocked",              make: block, ask: me, before: 200, after: "account-blocked" },
  { change: "a person is erased",               make: ({ person }) => usher.send("DELETE", `/users/${person.userId}`, { token: operator }), ask: me, before: 200, after: "account-closed" },
  { change: "a person logs out",                make: ({ person: { token } }) => usher.send("POST", "/auth/logout", { token, body: {} }), ask: me, before: 200, after: "unauthenticated" },
  { change: "a person is given a permission",   make: (who) => permit(who, read), ask: askOfOthers, before: "forbidden", after: 200 },
  { change: "a person is taken a permission",   given: (who) => permit(who, read), make: (who) => permit(who, []), ask: askOfOthers, before: 200, after: "forbidden" },
  { change: "a person becomes an operator",     make: (who) => put(who, "role", asOperator), ask: askOfOthers, before: "forbidden", after: 200 },
  { change: "the gate blocks a person",         make: block, ask: gate, before: 50, after: 400 },
  { change: "the gate knows of the block's end",   given: block, make: (who) => put(who, "status", unblocked), ask: gate, before: 400, after: 50 },
  { change: "the gate lets a person proceed",   make: approve, ask: gate, before: 50, after: 200 },
  { change: "a service is taken a permission",  make: (who) => onAccount(who, "PUT", "", { permissions: [] }), ask: serve, before: 200, after: "forbidden" },
  { change: "a service's secret is rotated",    make: (who) => onAccount(who, "POST", "/rotate"), ask: serve, before: 200, after: "unauthenticated" },
  { change: "a service is deleted",             make: (who) => onAccount(who, "DELETE"), ask: serve, before: 200, after: "unauthenticated" },
  { change: "a service's token is revoked",     make: revoke, ask: serve, before: 200, after: "unauthenticated" },
];

for (const { change, given, make, ask, before: first, after: then } of changes) {
  test(`${change} at one process, and the other knows with its next answer`, async () => {
    const person = await usher.createPerson();
    const body = { name: "Test", permissions: read };
    const { body: account } = await usher.send("POST", "/service-accounts", { token: operator, body });
    const serviceToken = (await getServiceToken(usher.send, account)).body.access_token;
    const subject = { person, account, serviceToken };
    await given?.(subject);
    for (const time of ["read", "kept"]) assert.deepEqual(await ask(subject, elsewhere.send), first, time);
    const made = await make(subject);
    assert.ok(made.status < 300, made.text);
    assert.deepEqual(await ask(subject, elsewhere.send), then);
  });
}

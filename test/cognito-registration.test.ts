import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { CognitoIdentityProvider } from "@aws-sdk/client-cognito-identity-provider";
import { sql } from "kysely";
import { secretHash } from "../src/features/identity/providers/cognito/secret-hash.ts";
import { password, startUsher, type TestUsher } from "./harness.ts";
import { tally, together } from "./people.ts";

let usher: TestUsher;
before(async () => {
  usher = await startUsher({ IDENTITY_PROVIDER: "cognito" });
});
after(() => usher.stop());

const register = (email: string, headers: Record<string, string> = {}, more: object = {}) =>
  usher.send("POST", "/users/register", { body: { email, fname: "Ada", lname: "Okafor", password, ...more }, headers });

test("one Idempotency-Key makes one account in the pool, and every repeat gets its answer, early or late", async () => {
  const headers = { "idempotency-key": "one-registration" };
  const email = "once@example.com";
  const answers = await together(16, () => register(email, headers));
  assert.deepEqual(tally(answers), { "201": 16 });
  assert.equal(new Set(answers.map(({ body }) => body.user.user_id)).size, 1);
  assert.equal((await register(email, headers)).body.user.user_id, answers[0]?.body.user.user_id);
  assert.equal((await register(email, headers, { fname: "Eve" })).status, 422);
  assert.equal((await register(email)).body.errorCode, "email-already-exists");
  const accounts = await fetch(`${usher.sandbox.cognito?.endpoint}/sandbox/accounts`);
  const listed = (await accounts.json()) as { accounts: { email: string }[] };
  assert.equal(listed.accounts.filter((account) => account.email === email).length, 1);
});

test("an unreachable or overrun pool answers 503 or 429 with Retry-After, never 500", async () => {
  const { faults } = usher.sandbox.cognito ?? {};
  for (const [kind, status] of [
    ["throttled", 429],
    ["internal-error", 503],
  ] as const) {
    for (const [operation, path, body] of [
      ["SignUp", "/users/register", { email: `${kind}@example.com`, fname: "Ada", lname: "Okafor", password }],
      ["InitiateAuth", "/auth/login", { email: "once@example.com", password }],
      ["ForgotPassword", "/auth/forgot-password", { email: "once@example.com" }],
      ["ConfirmSignUp", "/users/confirm", { email: "once@example.com", confirmation_code: "123456" }],
    ] as const) {
      faults?.add({ operation, kind, times: 1 });
      const answer = await usher.send("POST", path, { body });
      assert.equal(answer.status, status, `${operation}: ${answer.text}`);
      assert.ok(Number(answer.headers.get("retry-after")) > 0, operation);
      assert.doesNotMatch(answer.text, /cognito|amazon|Exception/i);
    }
  }
});

test("a refresh token that was exchanged before ends its log-in, and that of its heirs, at once", async () => {
  const { createPerson, logIn, send } = usher;
  const person = await createPerson();
  const elsewhere = await logIn(person.email);
  const refresh = (refreshToken: string) => send("POST", "/auth/refresh", { body: { refreshToken } });
  const statusWith = async (token: string) => (await send("GET", "/auth/me", { token })).status;
  const first = await refresh(person.refreshToken);
  const second = await refresh(first.body.refreshToken);
  assert.equal(await statusWith(second.body.accessToken), 200);
  for (const _again of ["once", "twice"])
    assert.equal((await refresh(person.refreshToken)).body.errorCode, "invalid-refresh-token");
  for (const { accessToken } of [first.body, second.body]) assert.equal(await statusWith(accessToken), 401);
  assert.equal((await refresh(second.body.refreshToken)).body.errorCode, "invalid-refresh-token");
  assert.equal(await statusWith(elsewhere.token), 200, "the log-in on another device goes on");
  const { entries } = (await send("GET", `/users/${person.userId}/timeline`, { token: elsewhere.token })).body;
  const ended = entries.filter(({ action }: { action: string }) => action === "user.login-ended");
  assert.equal(ended.length, 1);
});

test("somebody who is in the pool only becomes a user with their first log-in, without any rights of the pool's", async () => {
  const { send, sandbox } = usher;
  const { endpoint = "", clientId = "", clientSecret = "", region } = sandbox.cognito ?? {};
  const email = "from-before@example.com";
  const sdk = new CognitoIdentityProvider({
    region,
    endpoint,
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
  });
  const common = { ClientId: clientId, SecretHash: secretHash({ clientId, clientSecret }, email), Username: email };
  await sdk.signUp({ ...common, Password: password, UserAttributes: [{ Name: "email", Value: email }] });
  const logIn = (given = password) => send("POST", "/auth/login", { body: { email, password: given } });
  assert.equal((await logIn()).body.errorCode, "email-not-confirmed", "the mailbox is not proven to the pool yet");
  const codes = await (await fetch(`${endpoint}/sandbox/codes?email=${email}`)).json();
  await sdk.confirmSignUp({ ...common, ConfirmationCode: (codes as { signUp: string }).signUp });
  sdk.destroy();
  assert.equal((await logIn("wrong horse")).body.errorCode, "invalid-credentials");
  const answers = await together(8, () => logIn());
  assert.ok(
    answers.some(({ status }) => status === 200),
    answers.map(({ text }) => text).join("\n"),
  );
  const { body: tokens } = await logIn();
  const me = (await send("GET", "/auth/me", { token: tokens.accessToken })).body;
  assert.deepEqual([me.email, me.status, me.profileComplete], [email, "not_verified", false]);
  const { rows } = await sql<{ role: string; type: string; links: number }>`
    select role, type, (select count(*)::integer from identities i where i.user_id = u.user_id) as links
    from users u where email = ${email}`.execute(usher.db);
  assert.deepEqual(rows, [{ role: "retail", type: "user", links: 1 }]);
  const user = (await send("GET", `/users/${me.userId}`, { token: tokens.accessToken })).body;
  assert.equal(user.fname, null, JSON.stringify(user));
});

test("neither a code nor a password of a pool user is written here", async () => {
  const email = "kept-outside@example.com";
  assert.equal((await register(email)).status, 201);
  const rows = await usher.db.selectFrom("identities").select(["provider", "password_hash"]).execute();
  assert.ok(rows.every((row) => row.provider === "cognito" && row.password_hash === null));
  assert.deepEqual(await usher.db.selectFrom("messages").select("message_id").execute(), []);
});

test("the AWS SDK is loaded by whoever calls Cognito, and by nobody else", () => {
  const src = fileURLToPath(new URL("../src/", import.meta.url));
  const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((file) =>
    /(?<!\.test|-for-tests)\.ts$/.test(file),
  );
  const eager = files.filter((file) =>
    /^import (?!type)[^;]*from "@aws-sdk\//m.test(readFileSync(join(src, file), "utf8")),
  );
  assert.deepEqual(eager, []);
});

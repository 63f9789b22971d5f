import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import pg from "pg";
import { type Answer, type Person, password, startUsher, type TestUsher } from "./harness.ts";

/**
 * Who asks without being known must not learn whether somebody has an account. Here: status, body and headers. Time is
 * not measured in tests, which share their machine with others; what stands for it is the work: log-in, confirm and
 * reset send the same number of statements for known and unknown addresses, and resend and forgot answer only after a
 * fixed time (`take-at-least.ts`) that covers what known addresses have to do.
 */
let usher: TestUsher;
let confirmed: Person;
let pending: { email: string };
let blocked: Person;
before(async () => {
  usher = await startUsher();
  const admin = await usher.logInAdmin();
  confirmed = await usher.createPerson();
  pending = await usher.register();
  blocked = await usher.createPerson();
  const body = { status: "blocked", reason: "test" };
  assert.equal((await usher.send("PUT", `/users/${blocked.userId}/status`, { token: admin, body })).status, 200);
});
after(() => usher.stop());
afterEach(() => {
  usher.clock.advanceSeconds(3600);
});

const unknown = () => `nobody${Math.round(performance.now() * 1000)}@example.com`;

/** Everything of an answer but what is new each time. */
function shapeOf({ status, body, headers }: Answer): unknown {
  const { instance, traceId, ...rest } = body;
  assert.equal(instance === undefined, traceId === undefined);
  return {
    status,
    body: rest,
    headers: [...headers]
      .filter(([name]) => name !== "date")
      .map(([name, value]) => [name, name === "content-length" ? "" : value]),
  };
}

async function assertAlike(method: string, path: string, bodies: object[]): Promise<unknown> {
  const shapes: unknown[] = [];
  for (const body of bodies) shapes.push(shapeOf(await usher.send(method, path, { body })));
  for (const shape of shapes) assert.deepEqual(shape, shapes[0]);
  return shapes[0];
}

test("a wrong password and an unknown address are one answer, whatever state the account is in", async () => {
  const wrong = "not the password of anybody";
  const addresses = [confirmed.email, pending.email, blocked.email, unknown()];
  const shape = await assertAlike(
    "POST",
    "/auth/login",
    addresses.map((email) => ({ email, password: wrong })),
  );
  assert.equal((shape as { status: number }).status, 401);
});

test("only the right password learns what is in the way", async () => {
  const codeOf = async (email: string) =>
    (await usher.send("POST", "/auth/login", { body: { email, password } })).body.errorCode;
  assert.deepEqual(
    [await codeOf(pending.email), await codeOf(blocked.email), await codeOf(unknown())],
    ["email-not-confirmed", "account-blocked", "invalid-credentials"],
  );
});

test("resend and forgot answer alike for known, confirmed, blocked and unknown addresses", async () => {
  for (const path of ["/users/resend-code", "/auth/forgot-password"]) {
    const addresses = [unknown(), confirmed.email, pending.email, blocked.email];
    const shape = await assertAlike(
      "POST",
      path,
      addresses.map((email) => ({ email })),
    );
    assert.equal((shape as { status: number }).status, 202, path);
  }
});

test("confirm and reset refuse alike, whether the address is known, confirmed already, or unknown", async () => {
  const addresses = [unknown(), confirmed.email, pending.email, blocked.email];
  const codes = await assertAlike(
    "POST",
    "/users/confirm",
    addresses.map((email) => ({ email, confirmation_code: "000000" })),
  );
  assert.equal((codes as { status: number }).status, 400);
  const resets = addresses.map((email) => ({
    email,
    confirmation_code: "000000",
    new_password: "another fine pass phrase",
  }));
  assert.equal(((await assertAlike("POST", "/auth/reset-password", resets)) as { status: number }).status, 400);
});

test("budgets are spent alike: an unknown address is told to wait after as many tries as a known one", async () => {
  const triesUntilRefused = async (path: string, body: (index: number) => object): Promise<number> => {
    for (let tries = 1; tries <= 30; tries += 1) {
      const answer = await usher.send("POST", path, { body: body(tries) });
      if (answer.status === 429) {
        assert.ok(Number(answer.headers.get("retry-after")) >= 1);
        return tries;
      }
    }
    throw new Error(`${path} was never refused`);
  };
  const stranger = unknown();
  for (const [path, more] of [
    ["/auth/login", { password: "wrong password here" }],
    ["/users/resend-code", {}],
    ["/auth/forgot-password", {}],
  ] as const) {
    const known = await triesUntilRefused(path, () => ({ email: pending.email, ...more }));
    assert.equal(await triesUntilRefused(path, () => ({ email: stranger, ...more })), known, path);
    assert.ok(known > 1 && known <= 7, `${path}: ${known}`);
  }
});

test("log-in, confirm and reset do the same work for known and unknown addresses", async (t) => {
  const stranger = unknown();
  const requests: [string, (email: string) => object][] = [
    ["/auth/login", (email) => ({ email, password: "not the password of anybody" })],
    ["/users/confirm", (email) => ({ email, confirmation_code: "000000" })],
    [
      "/auth/reset-password",
      (email) => ({ email, confirmation_code: "000000", new_password: "another fine pass phrase" }),
    ],
  ];
  for (const [path, bodyOf] of requests) {
    const count = async (email: string) =>
      (await countStatements(() => usher.send("POST", path, { body: bodyOf(email) }))).length;
    const [known, unknownCount] = [await count(pending.email), await count(stranger)];
    assert.ok(known >= 3, `${path} was watched`);
    assert.equal(unknownCount, known, path);
    t.diagnostic(`${path}: ${known} statements each`);
  }
});

/** The statements sent to the database while something runs; nothing else runs in this process meanwhile. */
async function countStatements(work: () => Promise<unknown>): Promise<string[]> {
  const statements: string[] = [];
  const { query } = pg.Client.prototype;
  pg.Client.prototype.query = function (this: pg.Client, ...given: unknown[]) {
    const [first] = given as [string | { text?: string }];
    statements.push(typeof first === "string" ? first : (first.text ?? ""));
    return Reflect.apply(query, this, given);
  } as typeof query;
  try {
    await work();
    return statements.filter((text) => text !== "");
  } finally {
    pg.Client.prototype.query = query;
  }
}

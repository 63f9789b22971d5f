import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { sql } from "kysely";
import { findLiveGrants } from "./index.ts";
import { createTestMachinery, publicUrl, type TestMachinery } from "./machinery-for-tests.ts";

let machinery: TestMachinery;
before(async () => {
  machinery = await createTestMachinery();
});
after(() => machinery.dispose());

test("a log-in's access token is an at+jwt with exactly the claims of RFC 9068 and the log-in's id", async () => {
  const { accessToken, userId, grantId, ...rest } = await machinery.logIn();
  const [{ kid }] = machinery.signingKeys;
  assert.deepEqual(decodeProtectedHeader(accessToken), { alg: "ES256", typ: "at+jwt", kid });
  const { jti, iat, exp, ...claims } = decodeJwt(accessToken);
  assert.deepEqual(claims, {
    iss: publicUrl,
    aud: publicUrl,
    sub: userId,
    client_id: "usher",
    grant_id: grantId,
  });
  assert.match(jti ?? "", /^[\w-]{20,}$/);
  assert.equal((exp ?? 0) - (iat ?? 0), 900);
  const age = machinery.clock.now().getTime() / 1000 - (iat ?? 0);
  assert.ok(age >= 0 && age <= 2, "tokens carry the time of our clock");
  assert.match(rest.refreshToken, /^[\w-]{43}$/);
  assert.deepEqual([rest.tokenType, rest.expiresIn], ["Bearer", 900]);
});

test("what was issued verifies", async () => {
  const { accessToken, userId, grantId } = await machinery.logIn();
  const { issuedAt, expiresAt, ...verified } = await machinery.tokens.verifyAccessToken(accessToken);
  const { iat, exp, jti } = decodeJwt(accessToken);
  const facts = { tokenId: jti, userId, grantId, clientId: "usher", scope: [], secondFactor: false };
  assert.deepEqual(verified, { kind: "user", ...facts });
  assert.deepEqual([issuedAt.getTime() / 1000, expiresAt.getTime() / 1000], [iat, exp]);
  assert.deepEqual(await findLiveGrants(machinery, [grantId, "another"]), new Set([grantId]));
});

test("tokens of a log-in that is rolled back do not count", async () => {
  const { tokens, db } = machinery;
  let refreshToken = "";
  const failed = db.transaction().execute(async (trx) => {
    ({ refreshToken } = await tokens.issue(trx, { userId: crypto.randomUUID() }));
    throw new Error("the journal could not be written");
  });
  await assert.rejects(failed, /the journal/);
  await assert.rejects(tokens.refresh(refreshToken), { message: /^invalid-refresh-token/ });
});

test("no token can be read from the database", async () => {
  const login = await machinery.logIn();
  const next = await machinery.tokens.refresh(login.refreshToken);
  const dump = await sql<{ line: string }>`select r::text as line from oidc_records r`.execute(machinery.db);
  const text = dump.rows.map(({ line }) => line).join("\n");
  assert.ok(text.includes(login.userId), "the dump shows the records");
  for (const token of [login.refreshToken, next.refreshToken, login.accessToken, next.accessToken]) {
    assert.ok(!text.includes(token), "a token stands in the database in clear");
    assert.ok(!text.includes(Buffer.from(token).toString("hex")));
    assert.ok(!text.includes(String(decodeOrEmpty(token))));
  }
});

function decodeOrEmpty(token: string): string {
  return token.includes(".") ? String(decodeJwt(token).jti) : token;
}

test("the machinery logs nothing and prints nothing", async (t) => {
  const printed = (["log", "info", "warn", "error"] as const).map((name) => t.mock.method(console, name, () => {}));
  const fresh = await createTestMachinery();
  try {
    await fresh.tokens.refresh((await fresh.logIn()).refreshToken);
    assert.deepEqual(
      printed.map((mock) => mock.mock.callCount()),
      [0, 0, 0, 0],
    );
    assert.deepEqual(fresh.logged, []);
  } finally {
    await fresh.dispose();
  }
});

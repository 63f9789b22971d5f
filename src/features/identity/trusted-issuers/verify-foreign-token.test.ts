import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { beforeEach, test } from "node:test";
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from "jose";
import { createTestClock, type TestClock } from "../../../foundation/clock/index.ts";
import { DeclaredError } from "../../../foundation/errors/index.ts";
import type { CallOutside } from "../../../foundation/outbound/index.ts";
import { cognitoIssuer } from "../providers/cognito/index.ts";
import { createForeignTokenVerifier, type ForeignTokenVerifier } from "./verify-foreign-token.ts";

const sample = (name: string) =>
  JSON.parse(
    readFileSync(new URL(`../../../../test/fixtures/cognito/${name}.constructed.json`, import.meta.url), "utf8"),
  );
const access = sample("real-access-token-claims");
const id = sample("real-id-token-claims");

const [ours, strangers] = await Promise.all([generateKeyPair("RS256"), generateKeyPair("RS256")]);
const jwk = { ...(await exportJWK(ours.publicKey)), kid: "one", alg: "RS256", use: "sig" };

let clock: TestClock;
let verifier: ForeignTokenVerifier;
let fetched: string[];
let answering: boolean;
beforeEach(() => {
  clock = createTestClock(new Date(access.iat * 1000 + 1000));
  fetched = [];
  answering = true;
  const callOutside: CallOutside = async ({ url }) => {
    fetched.push(url);
    if (!answering) return { kind: "failure", why: "timed-out", code: undefined, attempts: 1 };
    return {
      kind: "answer",
      status: 200,
      headers: {},
      body: Buffer.from(JSON.stringify({ keys: [jwk] })),
      attempts: 1,
    };
  };
  const issuer = cognitoIssuer({
    issuer: access.iss,
    jwksUri: "https://keys.example/jwks.json",
    clientId: access.client_id,
  });
  verifier = createForeignTokenVerifier({ clock, callOutside }, [issuer]);
});

const sign = (claims: object, header: object = {}, key = ours.privateKey) =>
  new SignJWT({ ...claims }).setProtectedHeader({ alg: "RS256", kid: "one", ...header }).sign(key);

async function refusalOf(token: string): Promise<[number, string]> {
  const error = await verifier.verify(token).catch((reason: unknown) => reason);
  assert.ok(error instanceof DeclaredError, "it was taken");
  return [error.declaration.status, error.occurrence.detail ?? ""];
}

test("an access token of the pool says whose it is and which log-in, and is checked once", async () => {
  const token = await sign(access);
  const found = await verifier.verify(token);
  assert.deepEqual(
    [found.issuer, found.subject, found.login, found.loginAt.getTime() / 1000],
    [access.iss, access.sub, `${access.iss}#${access.origin_jti}`, access.auth_time],
  );
  assert.equal(await verifier.verify(token), found);
  assert.deepEqual(fetched, ["https://keys.example/jwks.json"]);
  clock.set(new Date(access.exp * 1000 + 31_000));
  assert.equal((await refusalOf(token))[0], 401);
});

test("every other token is 401, and the ones of unlisted issuers cause no call", async () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const none = `${part({ alg: "none" })}.${part(access)}.`;
  const unsigned = `${part({ alg: "HS256", kid: "one" })}.${part(access)}`;
  const publicKey = await exportSPKI(ours.publicKey);
  const confused = `${unsigned}.${createHmac("sha256", publicKey).update(unsigned).digest("base64url")}`;
  const elsewhere = await sign({ ...access, iss: "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Other" });
  assert.equal(verifier.knows(elsewhere), false);
  assert.equal((await refusalOf(elsewhere))[0], 401);
  assert.equal((await refusalOf("no.token.atall"))[0], 401);
  assert.deepEqual(fetched, []);
  const { token_use: _, ...kindless } = access;
  const { auth_time: __, ...undated } = access;
  const bad: Record<string, string> = {
    "no algorithm": none,
    "the public key as a shared secret": confused,
    "another's key": await sign(access, {}, strangers.privateKey),
    "another algorithm of ours": await new SignJWT({ ...access })
      .setProtectedHeader({ alg: "PS256", kid: "one" })
      .sign(ours.privateKey)
      .catch(() => none),
    "an ID token": await sign(id),
    "another client": await sign({ ...access, client_id: "other" }),
    "no kind": await sign(kindless),
    "no moment of log-in": await sign(undated),
    expired: await sign({ ...access, exp: access.iat - 60 }),
    "from the future": await sign({ ...access, iat: access.iat + 600, exp: access.exp + 600 }),
    "key material in the header": await sign(
      access,
      { jwk: await exportJWK(strangers.publicKey), jku: "https://evil.example/jwks.json" },
      strangers.privateKey,
    ),
  };
  for (const [why, token] of Object.entries(bad)) assert.equal((await refusalOf(token))[0], 401, why);
  assert.ok(fetched.every((url) => url === "https://keys.example/jwks.json"));
});

test("made-up key ids do not make us ask again and again", async () => {
  await verifier.verify(await sign(access));
  for (let tries = 0; tries < 20; tries += 1) {
    assert.equal((await refusalOf(await sign({ ...access, jti: randomUUID() }, { kid: randomUUID() })))[0], 401);
  }
  assert.equal(fetched.length, 1);
});

test("keys that cannot be fetched are 503: the token may be good", async () => {
  answering = false;
  const token = await sign(access);
  assert.deepEqual((await refusalOf(token))[0], 503);
  assert.equal((await refusalOf(token))[0], 503);
  assert.equal(fetched.length, 1, "a failing issuer is left in peace for a while");
});

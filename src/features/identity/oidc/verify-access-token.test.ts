import assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import { after, before, test } from "node:test";
import {
  base64url,
  CompactSign,
  type CryptoKey,
  decodeJwt,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  importJWK,
  SignJWT,
} from "jose";
import { createTestMachinery, publicUrl, type TestMachinery } from "./machinery-for-tests.ts";

let machinery: TestMachinery;
before(async () => {
  machinery = await createTestMachinery();
});
after(() => machinery.dispose());

type Forgery = { claims?: Record<string, unknown>; header?: Record<string, unknown>; key?: CryptoKey | Uint8Array };

/** A token like ours, but for what the forger changes. */
async function forge({ claims, header, key }: Forgery): Promise<string> {
  const [ours] = machinery.signingKeys;
  const seconds = Math.floor(machinery.clock.now().getTime() / 1000);
  const rightful = {
    iss: publicUrl,
    aud: publicUrl,
    sub: crypto.randomUUID(),
    client_id: "usher",
    grant_id: "some-grant",
    jti: "some-id",
    iat: seconds,
    exp: seconds + 900,
  };
  return new SignJWT({ ...rightful, ...claims })
    .setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid: ours.kid, ...header })
    .sign(key ?? (await importJWK(ours, "ES256")));
}

const refusal = (detail: RegExp) => (error: Error) => {
  assert.match(error.message, /^unauthenticated: /);
  assert.match(error.message, detail);
  return true;
};

test("the forgeries of these tests fail for what they change alone", async () => {
  assert.equal((await machinery.verifyUser(await forge({}))).grantId, "some-grant");
});

test("a token with another issuer, audience, type, subject or time is refused", async () => {
  const seconds = Math.floor(machinery.clock.now().getTime() / 1000);
  const wrong: Forgery[] = [
    { claims: { iss: "https://evil.example" } },
    { claims: { iss: undefined } },
    { claims: { aud: "https://evil.example" } },
    { claims: { aud: undefined } },
    { header: { typ: "JWT" } },
    { header: { typ: "id_token+jwt" } },
    { header: { typ: undefined } },
    { claims: { exp: undefined } },
    { claims: { sub: "usher" } },
    { claims: { sub: undefined } },
    { claims: { grant_id: undefined } },
    { claims: { nbf: seconds + 60 } },
  ];
  for (const forgery of wrong) {
    const verifying = machinery.tokens.verifyAccessToken(await forge(forgery));
    await assert.rejects(
      verifying,
      refusal(/was not issued by this server for this API|belongs neither to a person|is not a JWT/),
      JSON.stringify(forgery),
    );
  }
  const expired = await forge({ claims: { iat: seconds - 1000, exp: seconds - 1 } });
  await assert.rejects(machinery.tokens.verifyAccessToken(expired), refusal(/has expired/));
});

test("a token signed by anyone else, or by nobody, is refused", async () => {
  const [ours] = machinery.signingKeys;
  const { d: _private, ...publicJwk } = ours;
  const theirs = await generateKeyPair("ES256", { extractable: true });
  const spki = await exportSPKI((await importJWK(publicJwk, "ES256", { extractable: true })) as CryptoKey);
  const pem = createPublicKey({ key: publicJwk, format: "jwk" }).export({ type: "spki", format: "pem" });
  const valid = await forge({});
  const [header = "", payload = "", signature = ""] = valid.split(".");
  const encode = (value: unknown) => base64url.encode(JSON.stringify(value));
  const rsa = await generateKeyPair("RS256");
  const forged = [
    `${encode({ alg: "none", typ: "at+jwt" })}.${payload}.`,
    `${encode({ alg: "none", typ: "at+jwt" })}.${payload}.${signature}`,
    await forge({ header: { alg: "HS256" }, key: new TextEncoder().encode(spki) }),
    await forge({ header: { alg: "HS256" }, key: new TextEncoder().encode(String(pem)) }),
    await forge({ header: { alg: "HS256" }, key: new TextEncoder().encode(JSON.stringify(publicJwk)) }),
    await forge({ key: theirs.privateKey }),
    await forge({ key: theirs.privateKey, header: { jwk: await exportJWK(theirs.publicKey) } }),
    await forge({ key: theirs.privateKey, header: { kid: "another", jku: "http://127.0.0.1:1/jwks" } }),
    await forge({ key: rsa.privateKey, header: { alg: "RS256" } }),
    `${header}.${encode({ ...decodeJwt(valid), sub: crypto.randomUUID() })}.${signature}`,
    `${header}.${payload}.${signature.slice(0, -4)}AAAA`,
  ];
  for (const token of forged) {
    await assert.rejects(
      machinery.tokens.verifyAccessToken(token),
      refusal(/was not issued by this server|is not a JWT/),
      token,
    );
  }
});

test("garbage is refused as malformed", async () => {
  const [ours] = machinery.signingKeys;
  const notAnObject = await new CompactSign(new TextEncoder().encode("[1]"))
    .setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid: ours.kid })
    .sign(await importJWK(ours, "ES256"));
  const garbage = ["", ".", "..", "...", "a.b.c", "é.é.é", "\u0000", "e30.e30.e30", "x".repeat(200_000), notAnObject];
  for (const text of garbage) {
    await assert.rejects(
      machinery.tokens.verifyAccessToken(text),
      refusal(/not a JWT|not issued by/),
      text.slice(0, 20),
    );
  }
});

test("a cut or prolonged token is refused, cached or not", async () => {
  const { accessToken } = await machinery.logIn();
  for (const text of [accessToken.slice(0, -1), `${accessToken}A`, `${accessToken}.`, ` ${accessToken}`]) {
    await assert.rejects(machinery.tokens.verifyAccessToken(text), /unauthenticated/);
  }
});

test("a verified token is known at once until it expires, and not a second longer", async () => {
  const { tokens, clock } = machinery;
  const { accessToken } = await machinery.logIn();
  assert.equal(tokens.peekAccessToken("another"), undefined);
  const verified = await tokens.verifyAccessToken(accessToken);
  const { expiresAt } = verified;
  assert.equal(tokens.peekAccessToken(accessToken), verified);
  clock.set(new Date(expiresAt.getTime() - 1));
  assert.equal(tokens.peekAccessToken(accessToken), verified);
  clock.set(expiresAt);
  assert.equal(tokens.peekAccessToken(accessToken), undefined);
  await assert.rejects(tokens.verifyAccessToken(accessToken), refusal(/has expired/));
});

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { CognitoIdentityProvider } from "@aws-sdk/client-cognito-identity-provider";
import { decodeJwt } from "jose";
import { createTestClock } from "../../foundation/clock/index.ts";
import { type CognitoDouble, type CognitoDoubleOptions, startCognitoDouble } from "./start-cognito-double.ts";

const Password = "tall giraffes hum";
const clock = createTestClock(new Date("2026-03-01T12:00:00.000Z"));
let double: CognitoDouble;
let sdk: CognitoIdentityProvider;
before(async () => {
  ({ double, sdk } = await open());
});
after(() => close({ double, sdk }));

async function open(options: Partial<CognitoDoubleOptions> = {}) {
  const opened = await startCognitoDouble({ host: "127.0.0.1", port: 0, clock, ...options });
  const credentials = { accessKeyId: "any", secretAccessKey: "any" };
  const { endpoint, region } = opened;
  return { double: opened, sdk: new CognitoIdentityProvider({ endpoint, region, credentials, maxAttempts: 1 }) };
}

async function close(opened: { double: CognitoDouble; sdk: CognitoIdentityProvider }): Promise<void> {
  opened.sdk.destroy();
  await opened.double.close();
}

const hashOf = (Username: string, { clientId, clientSecret } = double) =>
  createHmac("sha256", clientSecret).update(`${Username}${clientId}`).digest("base64");
const client = (Username: string) => ({ ClientId: double.clientId, Username, SecretHash: hashOf(Username) });
const signUp = (Username: string) => sdk.signUp({ ...client(Username), Password });
const signIn = (USERNAME: string) =>
  sdk.initiateAuth({
    ClientId: double.clientId,
    AuthFlow: "USER_PASSWORD_AUTH",
    AuthParameters: { USERNAME, PASSWORD: Password, SECRET_HASH: hashOf(USERNAME) },
  });
const nameOf = (call: Promise<unknown>) =>
  call.then(
    () => "(no error)",
    (error: Error) => error.name,
  );

async function codesOf(email: string): Promise<Record<"signUp" | "forgotPassword", string>> {
  const answer = await fetch(`${double.endpoint}/sandbox/codes?email=${encodeURIComponent(email)}`);
  return (await answer.json()) as Record<"signUp" | "forgotPassword", string>;
}

async function confirmed(email: string): Promise<string> {
  const { UserSub } = await signUp(email);
  await sdk.confirmSignUp({ ...client(email), ConfirmationCode: (await codesOf(email)).signUp });
  return UserSub ?? "";
}

test("a sign-up answers the sub and where the code went, masked", async () => {
  const answer = await signUp("ada@example.com");
  assert.match(answer.UserSub ?? "", /^[0-9a-f-]{36}$/);
  assert.deepEqual(answer.CodeDeliveryDetails, {
    AttributeName: "email",
    DeliveryMedium: "EMAIL",
    Destination: "a***@e***",
  });
  assert.equal(await nameOf(signUp("Ada@example.com")), "UsernameExistsException", "in any case");
  const weak = sdk.signUp({ ...client("weak@example.com"), Password: "short" });
  assert.equal(await nameOf(weak), "InvalidPasswordException");
});

test("a call without the right secret hash is refused, and an admin call without a signature", async () => {
  const { SecretHash: _, ...bare } = client("hash@example.com");
  assert.equal(await nameOf(sdk.signUp({ ...bare, Password })), "NotAuthorizedException");
  const wrong = { ...bare, SecretHash: hashOf("other@example.com"), Password };
  assert.equal(await nameOf(sdk.signUp(wrong)), "NotAuthorizedException");
  const call = (operation: string) =>
    fetch(double.endpoint, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": `AWSCognitoIdentityProviderService.${operation}`,
      },
      body: JSON.stringify({ UserPoolId: double.userPoolId, Username: "ada@example.com" }),
    });
  const answer = await call("AdminGetUser");
  assert.deepEqual(
    [answer.status, ((await answer.json()) as { __type: string }).__type],
    [400, "MissingAuthenticationTokenException"],
  );
  const unknown = (await (await call("constructor")).json()) as { __type: string };
  assert.equal(unknown.__type, "UnknownOperationException");
});

test("codes expire, wrong ones run out, and a confirmed user is not confirmed again", async () => {
  const email = "codes@example.com";
  await signUp(email);
  const confirm = (ConfirmationCode: string) => nameOf(sdk.confirmSignUp({ ...client(email), ConfirmationCode }));
  const { signUp: code } = await codesOf(email);
  const wrong = code === "000000" ? "000001" : "000000";
  for (let tries = 0; tries < 5; tries += 1) assert.equal(await confirm(wrong), "CodeMismatchException");
  assert.equal(await confirm(code), "TooManyFailedAttemptsException");
  await sdk.resendConfirmationCode(client(email));
  const { signUp: late } = await codesOf(email);
  clock.advanceSeconds(24 * 3600);
  assert.equal(await confirm(late), "ExpiredCodeException");
  await sdk.resendConfirmationCode(client(email));
  assert.equal(await nameOf(signIn(email)), "UserNotConfirmedException");
  assert.equal(await confirm((await codesOf(email)).signUp), "(no error)");
  assert.equal(await confirm(late), "NotAuthorizedException");
  assert.equal(await nameOf(sdk.resendConfirmationCode(client(email))), "InvalidParameterException");
});

test("tokens are RS256 with the claims of the real ones, and die with sign-out, disabling and revocation", async () => {
  const Username = await confirmed("tokens@example.com");
  const { AuthenticationResult: first } = await signIn("tokens@example.com");
  const claims = decodeJwt(first?.AccessToken ?? "");
  assert.deepEqual(
    [claims.sub, claims.token_use, claims.client_id, claims.iss, claims.aud],
    [Username, "access", double.clientId, double.issuer, undefined],
  );
  assert.equal(decodeJwt(first?.IdToken ?? "").aud, double.clientId);
  const AccessToken = first?.AccessToken;
  assert.equal((await sdk.getUser({ AccessToken })).Username, Username);
  const admin = { UserPoolId: double.userPoolId, Username };
  await sdk.adminUserGlobalSignOut(admin);
  assert.equal(await nameOf(sdk.getUser({ AccessToken })), "NotAuthorizedException");
  const refresh = (RefreshToken: string | undefined) =>
    sdk.getTokensFromRefreshToken({ ClientId: double.clientId, ClientSecret: double.clientSecret, RefreshToken });
  assert.equal(await nameOf(refresh(first?.RefreshToken)), "NotAuthorizedException");

  const { AuthenticationResult: second } = await signIn("tokens@example.com");
  const { AuthenticationResult: third } = await refresh(second?.RefreshToken);
  assert.equal(decodeJwt(third?.AccessToken ?? "").origin_jti, decodeJwt(second?.AccessToken ?? "").origin_jti);
  assert.equal(await nameOf(refresh(second?.RefreshToken)), "RefreshTokenReuseException");
  await sdk.adminDisableUser(admin);
  assert.equal(await nameOf(signIn("tokens@example.com")), "NotAuthorizedException");
  assert.equal(await nameOf(refresh(third?.RefreshToken)), "NotAuthorizedException");
  await sdk.adminEnableUser(admin);
  const Token = third?.RefreshToken;
  await sdk.revokeToken({ ClientId: double.clientId, ClientSecret: double.clientSecret, Token });
  assert.equal(await nameOf(refresh(Token)), "NotAuthorizedException");
});

test("whether a user exists shows in the LEGACY setting only", async () => {
  const unknown = client("nobody@example.com");
  assert.equal(await nameOf(signIn("nobody@example.com")), "NotAuthorizedException");
  assert.equal(await nameOf(sdk.forgotPassword(unknown)), "(no error)");
  assert.equal(await nameOf(sdk.resendConfirmationCode(unknown)), "(no error)");
  assert.equal(await nameOf(sdk.confirmSignUp({ ...unknown, ConfirmationCode: "1" })), "ExpiredCodeException");
  const legacy = await open({ settings: { preventUserExistenceErrors: "LEGACY" } });
  const SecretHash = hashOf("nobody@example.com", legacy.double);
  const call = legacy.sdk.forgotPassword({ ...unknown, ClientId: legacy.double.clientId, SecretHash });
  assert.equal(await nameOf(call), "UserNotFoundException");
  await close(legacy);
});

test("accounts, log-ins and keys outlive a restart", async () => {
  const folder = await mkdtemp(join(tmpdir(), "usher-cognito-double-"));
  const stateFile = join(folder, "state.jsonl");
  const [kept, keptSdk] = [double, sdk];
  ({ double, sdk } = await open({ stateFile, issuer: "http://cognito.test/pool" }));
  const Username = await confirmed("kept@example.com");
  const { AuthenticationResult } = await signIn("kept@example.com");
  await close({ double, sdk });
  ({ double, sdk } = await open({ stateFile, issuer: "http://cognito.test/pool" }));
  assert.equal((await sdk.getUser({ AccessToken: AuthenticationResult?.AccessToken })).Username, Username);
  assert.equal(await nameOf(signIn("kept@example.com")), "(no error)");
  await close({ double, sdk });
  [double, sdk] = [kept, keptSdk];
  await rm(folder, { recursive: true });
});

test("scripts set faults, and unknown ones are refused", async () => {
  const set = (body: object) =>
    fetch(`${double.endpoint}/sandbox/faults`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  assert.equal((await set({ operation: "SignUp", kind: "earthquake" })).status, 400);
  assert.equal((await set({ operation: "SignUp", kind: "throttled" })).status, 204);
  assert.equal(await nameOf(signUp("fault@example.com")), "TooManyRequestsException");
  assert.equal(await nameOf(signUp("fault@example.com")), "(no error)");
});

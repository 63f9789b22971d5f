import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { readConfig } from "../src/config.ts";
import { ConfigurationError } from "../src/foundation/config/index.ts";

const production = {
  USHER_MODE: "production",
  PUBLIC_URL: "https://id.example.com",
  DATABASE_URL: "postgres://usher@db.example.com/usher",
  MASTER_KEY: randomBytes(32).toString("base64"),
  VERIFF_BASE_URL: "https://stationapi.veriff.com",
  VERIFF_API_KEY: "key",
  VERIFF_SHARED_SECRET: "secret",
  SMTP_URL: "smtps://mail.example.com",
  MAIL_FROM: "Usher <id@example.com>",
  IDENTITY_PROVIDER: "cognito",
};
const pool = { AWS_REGION: "eu-west-1", COGNITO_USER_POOL_ID: "eu-west-1_Example", COGNITO_CLIENT_ID: "client" };

function problemsOf(environment: Record<string, string>): string {
  try {
    readConfig(environment);
    return "";
  } catch (error) {
    assert.ok(error instanceof ConfigurationError);
    return error.problems.join("\n");
  }
}

test("Cognito in production needs its pool, client and region, all named at once", () => {
  const problems = problemsOf(production);
  for (const name of Object.keys(pool)) assert.ok(problems.includes(name), name);
  assert.equal(problemsOf({ ...production, ...pool }), "");
});

test("production trusts no emulator, whatever its name looks like", () => {
  for (const endpoint of [
    "http://localhost:9229",
    "https://cognito.example.com",
    "http://cognito-idp.eu-west-1.amazonaws.com",
    "https://cognito-idp.eu-west-1.amazonaws.com.example.com",
    "https://user@evil.example.com/.amazonaws.com",
    "https://evil.example.com?.amazonaws.com",
  ]) {
    const problems = problemsOf({ ...production, ...pool, COGNITO_ENDPOINT: endpoint });
    assert.match(problems, /COGNITO_ENDPOINT/, endpoint);
  }
  const privateNetwork = "https://vpce-1.cognito-idp.eu-west-1.vpce.amazonaws.com";
  assert.equal(problemsOf({ ...production, ...pool, COGNITO_ENDPOINT: privateNetwork }), "");
});

test("an emulator in sandbox mode needs its pool; without anything the local double stands in", () => {
  const sandbox = { IDENTITY_PROVIDER: "cognito" };
  assert.equal(problemsOf(sandbox), "");
  assert.match(problemsOf({ ...sandbox, COGNITO_ENDPOINT: "http://localhost:9229" }), /COGNITO_USER_POOL_ID/);
});

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { secretHash } from "./secret-hash.ts";

const fixture = new URL("../../../../../test/fixtures/cognito/secret-hash-vector.computed.json", import.meta.url);

test("the secret hash is the one of the documented formula", () => {
  const vector = JSON.parse(readFileSync(fixture, "utf8"));
  const client = { clientId: vector.client_id, clientSecret: vector.client_secret };
  assert.equal(secretHash(client, vector.username), vector.secret_hash);
  assert.notEqual(secretHash(client, "Ada@example.com"), vector.secret_hash, "the very text that is sent counts");
});

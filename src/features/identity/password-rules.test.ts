import assert from "node:assert/strict";
import { test } from "node:test";
import { DeclaredError } from "../../foundation/errors/index.ts";
import { password } from "./identity-for-tests.ts";
import { requireGoodPassword } from "./password-rules.ts";

async function refusalOf(candidate: string, email = "ada@example.com"): Promise<string | undefined> {
  try {
    await requireGoodPassword(candidate, email, "password");
    return undefined;
  } catch (error) {
    assert.ok(error instanceof DeclaredError);
    return error.occurrence.errors?.password?.[0];
  }
}

test("8 to 128 characters are taken, counted as a person counts them, without rules about their kind", async () => {
  assert.equal(await refusalOf(password), undefined);
  assert.equal(await refusalOf("zqxjvkbw"), undefined);
  assert.equal(await refusalOf("🦒🐘🦓🦏🐫🦛🐊🐆"), undefined);
  assert.equal(await refusalOf("zq xjv k"), undefined);
  assert.match((await refusalOf("zqxjvkb")) ?? "", /8 to 128/);
  assert.match((await refusalOf("🦒🐘🦓🦏🐫🦛🐊")) ?? "", /8 to 128/);
  assert.equal(await refusalOf("giraffe ".repeat(16)), undefined);
  assert.match((await refusalOf(`${"giraffe ".repeat(16)}!`)) ?? "", /8 to 128/);
  assert.match((await refusalOf("é".normalize("NFD").repeat(7))) ?? "", /8 to 128/);
});

test("what everybody tries first is refused, in any case", async () => {
  for (const common of ["password", "PassWord", "12345678", "qwertyuiop", "football1", "aaaaaaaaaa"]) {
    assert.match((await refusalOf(common)) ?? "", /guessed first/, common);
  }
});

test("the e-mail address and its first part are refused", async () => {
  assert.match((await refusalOf("Giraffe.Lover@example.com", "giraffe.lover@example.com")) ?? "", /e-mail/);
  assert.match((await refusalOf("giraffe.lover", "giraffe.lover@example.com")) ?? "", /e-mail/);
});

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { sql } from "kysely";
import { dumpDatabase, findInDump } from "./database-content.ts";
import { type Answer, startUsher, type TestUsher } from "./harness.ts";
import { assertInvariants } from "./invariants.ts";

let usher: TestUsher;

before(async () => {
  usher = await startUsher();
});
after(() => usher.stop());

const answers = {
  accountPurposeCode: "2",
  mainActivityCode: "1",
  sourceOfFundId: "13",
  financingMethodCode: "3",
  taxResidences: [{ country: "ng", taxNumber: "KANARIEN-7731" }, { country: "BG" }],
};
const timeOf = async (userId: string) =>
  (
    await sql<{ at: Date | null }>`select additional_data_at as at from users where user_id = ${userId}`.execute(
      usher.db,
    )
  ).rows[0]?.at;

test("the code lists are data: five purposes, six activities, three ways, thirteen sources, each with its code", async () => {
  const { token } = await usher.createPerson();
  const { status, body } = await usher.send("GET", "/questionnaire", { token });
  assert.equal(status, 200);
  const sizes = Object.entries(body as Record<string, unknown[]>).map(([name, list]) => [name, list.length]);
  assert.deepEqual(Object.fromEntries(sizes), {
    accountPurpose: 5,
    mainActivity: 6,
    financingMethod: 3,
    sourceOfFunds: 13,
  });
  assert.deepEqual(body.mainActivity[1], { label: "Self-employed", value: "2" });
});

test("answering sets the flag with its time; a repeat replaces the answers and keeps the time", async () => {
  const person = await usher.createPerson();
  const put = (body: object) =>
    usher.send("PUT", `/users/${person.userId}/additional-data`, { token: person.token, body });
  const gate = async () => (await usher.send("GET", `/User/${person.id}/status`, { token: person.token })).body;
  assert.equal((await gate()).isAdditionalData, false);
  const first = await put(answers);
  assert.equal(first.status, 200, first.text);
  assert.equal((await gate()).isAdditionalData, true);
  const at = await timeOf(person.userId);
  assert.deepEqual(at, usher.clock.now());
  usher.clock.advanceSeconds(60);
  assert.equal((await put({ ...answers, mainActivityCode: "3" })).status, 200);
  assert.deepEqual(await timeOf(person.userId), at);
  const { body } = await usher.send("GET", `/users/${person.userId}/timeline`, { token: person.token });
  const told = body.entries.filter((entry: { action: string }) => entry.action === "user.questionnaire-answered");
  assert.deepEqual(
    told.map((entry: { changed_fields: string[] }) => entry.changed_fields.sort()),
    [["mainActivityCode"], Object.keys(answers).sort()],
  );
});

test("what does not fit is refused naming the field", async () => {
  const { userId, token } = await usher.createPerson();
  const bad: [object, string][] = [
    [{ ...answers, accountPurposeCode: "6" }, "accountPurposeCode"],
    [{ ...answers, mainActivityCode: 1 }, "mainActivityCode"],
    [{ ...answers, sourceOfFundId: "14" }, "sourceOfFundId"],
    [{ ...answers, financingMethodCode: "0" }, "financingMethodCode"],
    [{ ...answers, taxResidences: [] }, "taxResidences"],
    [{ ...answers, taxResidences: [{ country: "XX" }] }, "taxResidences[0].country"],
    [{ ...answers, taxResidences: [{ country: "NG" }, { country: "ng" }] }, "taxResidences[1].country"],
    [{ ...answers, taxResidences: [{ country: "NG", taxNumber: "<script>" }] }, "taxResidences[0].taxNumber"],
    [{ ...answers, isAdditionalData: true }, "isAdditionalData"],
    [{ accountPurposeCode: "1" }, "mainActivityCode"],
  ];
  for (const [body, field] of bad) {
    const answer: Answer = await usher.send("PUT", `/users/${userId}/additional-data`, { token, body });
    assert.equal(answer.status, 400, JSON.stringify(body));
    assert.ok(field in (answer.body.errors ?? {}), `${JSON.stringify(body)}: ${answer.text}`);
  }
  assert.equal(await timeOf(userId), null);
});

test("answers rest nowhere in clear, and an erased person's are gone", async () => {
  const { userId, token } = await usher.createPerson();
  await usher.send("PUT", `/users/${userId}/additional-data`, { token, body: answers });
  assert.deepEqual(findInDump(await dumpDatabase(usher.ownerUrl), "KANARIEN-7731"), []);
  assert.equal((await usher.send("DELETE", `/users/${userId}`, { token })).status, 200);
  const { rows } = await sql`select 1 from questionnaire_answers where user_id = ${userId}`.execute(usher.db);
  assert.deepEqual(rows, []);
});

test("the gate's explanation lists what is missing as optional, last", async () => {
  const { id, userId, token } = await usher.createPerson();
  const steps = async () =>
    (await usher.send("GET", `/User/${id}/status?explain=true`, { token })).body.nextSteps.map(
      ({ step }: { step: string }) => step,
    );
  assert.deepEqual(await steps(), ["verify-identity", "verify-phone", "enrol-second-factor", "answer-questionnaire"]);
  await usher.send("PUT", `/users/${userId}/additional-data`, { token, body: answers });
  assert.deepEqual(await steps(), ["verify-identity", "verify-phone", "enrol-second-factor"]);
});

test("every invariant holds", async () => {
  await usher.sealer.sealNow();
  await assertInvariants(usher);
});

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { codeOf, facts, password, startIdentity } from "./identity-for-tests.ts";
import { registerUser } from "./register-user.ts";

let identity: Awaited<ReturnType<typeof startIdentity>>;
before(async () => {
  identity = await startIdentity();
});
after(() => identity.stop());

const count = async (
  table: "users" | "identities" | "person_keys" | "messages" | "organisations" | "journal_entries",
) =>
  Number(
    (
      await identity.deps.db
        .selectFrom(table)
        .select((expression) => expression.fn.countAll<string>().as("n"))
        .executeTakeFirstOrThrow()
    ).n,
  );
const counts = async () =>
  Promise.all(
    (["users", "identities", "person_keys", "messages", "organisations", "journal_entries"] as const).map(count),
  );

test("a registration leaves a pending user with key, identity, sealed message and journal entry", async () => {
  const user = await identity.register("Ada@Example.com", {
    id_type: "passport",
    id_number: "A1234567",
    country: "NG",
  });
  assert.deepEqual([user.email, user.status, user.role, user.type], ["ada@example.com", "pending", "retail", "user"]);
  assert.equal(user.id_number?.endsWith("67") && !user.id_number.includes("12345"), true);
  assert.deepEqual(await identity.actionsOf(user.user_id), ["user.registered"]);
  assert.match(await identity.newestCode("ada@example.com"), /^\d{6}$/);
  const dump = JSON.stringify(await identity.deps.db.selectFrom("journal_entries").selectAll().execute());
  assert.equal(/ada@|Obi|A1234567/i.test(dump), false, "nothing personal rests in clear in the journal");
  assert.equal(
    JSON.stringify(await identity.deps.db.selectFrom("users").selectAll().execute()).includes("A1234567"),
    false,
  );
});

test("64 registrations of one address at once make one user, and nothing else is left behind", async () => {
  const before = await counts();
  const results = await Promise.all(Array.from({ length: 64 }, () => codeOf(identity.register("Race@example.com"))));
  assert.equal(results.filter((result) => result === "(no error)").length, 1);
  assert.equal(results.filter((result) => result === "email-already-exists").length, 63);
  const after = await counts();
  assert.deepEqual(
    after.map((now, index) => now - (before[index] ?? 0)),
    [1, 1, 1, 1, 0, 1],
  );
});

test("org_name founds an organisation with the registrant as admin, org_id joins it, an unknown one is refused by name", async () => {
  const founder = await identity.register("founder@example.com", { org_name: "Acme" });
  assert.ok(founder.org_id);
  assert.deepEqual(founder.org_ids, [founder.org_id]);
  const member = await identity.register("member@example.com", { org_id: founder.org_id });
  assert.equal(member.org_id, founder.org_id);
  const rows = await identity.deps.db
    .selectFrom("organisation_members")
    .select(["user_id", "role"])
    .where("org_id", "=", founder.org_id)
    .execute();
  assert.deepEqual(
    new Map(rows.map((row) => [row.user_id, row.role])),
    new Map([
      [founder.user_id, "admin"],
      [member.user_id, "user"],
    ]),
  );
  const unknown = identity.register("lost@example.com", { org_id: "018f3f6e-0000-7000-8000-0000000000aa" });
  await assert.rejects(
    unknown,
    (error: { occurrence?: { errors?: object } }) => "org_id" in (error.occurrence?.errors ?? {}),
  );
});

test("a repeat with the same Idempotency-Key gets the first answer, another body is refused", async () => {
  const once = { keyHash: randomBytes(32), requestHash: randomBytes(32) };
  const body = { email: "once@example.com", fname: "Ada", lname: "Obi", password };
  const repeat = () => registerUser(identity.deps, { body, caller: undefined, once, ...facts });
  const answers = await Promise.all([repeat(), repeat(), repeat()]);
  assert.deepEqual(answers[1], answers[0]);
  assert.deepEqual(answers[2], answers[0]);
  const other = registerUser(identity.deps, {
    body,
    caller: undefined,
    once: { ...once, requestHash: randomBytes(32) },
    ...facts,
  });
  assert.equal(await codeOf(other), "idempotency-key-reused");
});

test("a bad password is refused before anything is done", async () => {
  const before = await counts();
  assert.equal(await codeOf(identity.register("weak@example.com", { password: "password1" })), "invalid-request");
  assert.deepEqual(await counts(), before);
});

test("when the message cannot be queued, nothing of the registration stays", async () => {
  const before = await counts();
  const deps = {
    ...identity.deps,
    messages: { ...identity.deps.messages, send: async () => Promise.reject(new Error("The queue is away.")) },
  };
  const body = { email: "half@example.com", fname: "Ada", lname: "Obi", password, org_name: "Half" };
  await assert.rejects(registerUser(deps, { body, caller: undefined, ...facts }), /queue is away/);
  assert.deepEqual(await counts(), before);
});

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import pg from "pg";
import { type Person, startUsher, type TestUsher } from "./harness.ts";
import { findViolations } from "./invariants.ts";
import { createVerifying, type Verifying } from "./people.ts";
import { decisionBody, deliver } from "./veriff-webhooks.ts";

let usher: TestUsher;
let owner: pg.Client;
let person: Verifying;
let other: Person;

before(async () => {
  usher = await startUsher();
  [person, other] = (await createVerifying(usher, 2)) as [Verifying, Verifying];
  await deliver(usher.send, usher.sandbox.veriff, decisionBody(person, "approved", "2026-03-02T10:20:31.512345Z"));
  await usher.send("POST", "/users/webhook-kyc", { raw: "{}" });
  const body = { name: "Whole Ltd", admin_user_id: person.userId };
  await usher.send("POST", "/organizations", { token: await usher.logInAdmin(), body });
  owner = new pg.Client({ connectionString: usher.ownerUrl });
  await owner.connect();
});
after(async () => {
  await owner?.end();
  await usher?.stop();
});

const see = async () =>
  new Set((await findViolations({ ...usher, canaries: ["CANARY"] })).map((text) => text.split(":")[0]));

test("a database that only Usher has written to violates nothing", async () => {
  assert.deepEqual(await findViolations({ ...usher, canaries: ["CANARY"] }), []);
});

/** What each invariant has to notice; one after the other, each beside those before it. */
const corruptions: [invariant: string, corrupt: () => string][] = [
  ["I8 nothing confidential in clear", () => `update users set city = 'a CANARY' where ${of(person)}`],
  [
    "I9 no log-in without access",
    () => `update oidc_records set user_id = (select user_id from users where erased_at is not null or email = 'admin@usher.example');
    update users set erased_at = now() where email = 'admin@usher.example'`,
  ],
  ["I12 erased people left nothing readable", () => "select 1"],
  ["I2 no half user", () => `delete from identities where ${of(person)}`],
  [
    "I2 nothing of nobody",
    () =>
      "insert into messages select gen_random_uuid(), gen_random_uuid(), channel, template, null, 'sent', now() from messages limit 1",
  ],
  [
    "I2 an answer is remembered with its deed",
    () => "insert into idempotency_keys (key_hash, request_hash, expires_at) values ('\\x00', '\\x00', now())",
  ],
  [
    "I3 one user for each proof",
    () =>
      "alter table users drop constraint users_email_key, drop constraint users_email_check; update users set email = 'SAME@example.com' where email like 'person%'",
  ],
  ["I4 moves along declared edges", () => `update users set status = 'blocked' where ${of(other)}`],
  ["I5 sessions follow the oracle", () => `update kyc_sessions set state = 'rejected' where ${of(person)}`],
  ["I5 each delivery counts once", () => `update webhook_deliveries set outcome = 'unmatched' where ${of(person)}`],
  [
    "I5 what is not signed has no effect",
    () => `update webhook_deliveries set user_id = '${other.userId}' where signature = 'missing'`,
  ],
  [
    "I5 one session counts for each purpose",
    () => `drop index kyc_sessions_one_current;
    insert into kyc_sessions select (jsonb_populate_record(s, '{"session_id": "${other.userId}", "provider_session_id": "twin"}')).* from kyc_sessions s where ${of(person)}`,
  ],
  ["one-time secrets count once", () => again(`action = 'user.email-confirmed' and subject_id = '${other.userId}'`)],
  [
    "I7 the journal verifies",
    () => "update journal_entries set canonical = replace(canonical, 'user.registered', 'user.invented') where seq = 1",
  ],
  [
    "I11 every job is finished, due, leased or dead-lettered",
    () =>
      "update pgboss.job set state = 'active', started_on = now() - interval '1 hour' where name = 'deliver-message'",
  ],
  ["I11 no message is lost", () => "delete from pgboss.job"],
  ["I13 memberships are the same from both sides", () => `update users set org_ids = '{}' where ${of(person)}`],
  ["I13 no organisation lost its last admin but by an erasure", () => "update organisation_members set role = 'staff'"],
];

const of = ({ userId }: Person) => `user_id = '${userId}'`;
const again = (which: string) =>
  `insert into journal_entries (entry_id, at, actor_kind, actor_id, action, subject_kind, subject_id, canonical)
   select gen_random_uuid(), at, actor_kind, actor_id, action, subject_kind, subject_id, canonical from journal_entries where ${which}`;

for (const [invariant, corrupt] of corruptions) {
  test(`the checker is not blind: ${invariant}`, async () => {
    // Whoever corrupts a database has no trigger in the way.
    await owner.query(`set session_replication_role = replica; ${corrupt()}`);
    assert.ok((await see()).has(invariant));
  });
}

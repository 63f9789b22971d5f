import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { sql } from "kysely";
import { createGate } from "../users/index.ts";
import { startIdentity } from "./identity-for-tests.ts";
import { revokeServiceToken } from "./oidc/revoked-tokens.ts";
import { createCallerReads } from "./read-callers.ts";

let identity: Awaited<ReturnType<typeof startIdentity>>;
before(async () => {
  identity = await startIdentity();
});
after(() => identity.stop());

/** A person who is logged in, a service account, and all that is read of them. */
async function createSubject(email: string) {
  const { deps, reads } = identity;
  const { id, user_id: userId } = await identity.register(email);
  const { accessToken } = await deps.db.transaction().execute((trx) => deps.tokens.issue(trx, { userId }));
  const verified = await deps.tokens.verifyAccessToken(accessToken);
  if (verified.kind !== "user") throw new Error("This is no person's token.");
  const { grantId } = verified;
  const clientId = `service of ${email}`;
  await sql`insert into service_accounts (client_id, name, secret_hash, permissions, created_by, created_at, updated_at)
    values (${clientId}, 'Test', '\\x01', '{}', 'test', now(), now())`.execute(deps.db);
  /** Reads as a process does that keeps nothing yet; asked again, what it keeps. */
  const startReading = () => {
    const [callers, gate] = [createCallerReads({ ...deps, reads }), createGate({ reads })];
    return () =>
      Promise.all([callers.standings(userId), callers.logIns(grantId), callers.accounts(clientId), gate.read(id)]);
  };
  return { id, userId, grantId, clientId, startReading };
}

/** For columns that do not take any value of their type. */
const values: Record<string, string> = {
  role: "'admin'",
  type: "'staff'",
  account_type: "'arbitrator'",
  status: "'active'",
  country: "'GH'",
  id_type: "'passport'",
  additional_id_type: "'passport'",
  secret_hash: "'\\x02'",
};
const valuesOfTypes: Record<string, string> = {
  text: "'something'",
  uuid: "gen_random_uuid()",
  date: "'2001-02-03'",
  bytea: "'\\x02'",
  boolean: "true",
  integer: "4711",
  jsonb: `'{"kty": "EC"}'`,
  "timestamp with time zone": "'2001-02-03T04:05:06Z'",
  ARRAY: "array(select gen_random_uuid()::text)",
};
/** No statement of ours ever writes them, and others refer to them; one of two columns excludes the other. */
const fixed = ["id", "user_id", "client_id", "public_jwk"];

test("whatever column changes, what is kept is what a fresh read finds", async () => {
  const { db } = identity.deps;
  const { userId, grantId, clientId, startReading } = await createSubject("columns@example.com");
  const rows = [
    { table: "users", where: sql`user_id = ${userId}` },
    { table: "oidc_records", where: sql`model = 'Grant' and grant_id = ${grantId}` },
    { table: "service_accounts", where: sql`client_id = ${clientId}` },
  ];
  const mattered = new Set<string>();
  for (const { table, where } of rows) {
    const { rows: columns } = await sql<{ column_name: string; data_type: string; udt_name: string }>`
      select column_name, data_type, udt_name from information_schema.columns
      where table_schema = 'public' and table_name = ${table} and is_generated = 'NEVER'`.execute(db);
    for (const { column_name: column, data_type, udt_name } of columns.filter((c) => !fixed.includes(c.column_name))) {
      const value = values[column] ?? valuesOfTypes[data_type];
      assert.ok(value, `the test knows no value for ${table}.${column}, ${data_type}`);
      if (table === "oidc_records" && ["model", "id_hash", "grant_id"].includes(column)) continue;
      const read = startReading();
      const first = await read();
      assert.deepEqual(await read(), first);
      await sql`update ${sql.table(table)} set ${sql.ref(column)} = ${sql.raw(value)}${sql.raw(data_type === "ARRAY" ? `::${udt_name}` : "")} where ${where}`.execute(
        db,
      );
      const fresh = await startReading()();
      assert.deepEqual(await read(), fresh, `${table}.${column}`);
      if (JSON.stringify(fresh) !== JSON.stringify(first)) mattered.add(`${table}.${column}`);
    }
  }
  assert.deepEqual([...mattered].sort(), [
    "oidc_records.expires_at",
    "service_accounts.callback_origins",
    "service_accounts.credential",
    "service_accounts.permissions",
    "users.additional_data_at",
    "users.email_verified_at",
    "users.erased_at",
    "users.optional_kyc_at",
    "users.permissions",
    "users.phone_verified_at",
    "users.role",
    "users.sca_verified_at",
    "users.status",
    "users.type",
  ]);
});

test("what is deleted or emptied is gone, and a replica's apply worker is heard, too", async () => {
  const { startReading, userId, grantId, clientId } = await createSubject("deleted@example.com");
  const owner = await identity.connectAsOwner();
  const found = async (read: ReturnType<typeof startReading>) => (await read()).map((it) => it !== undefined);
  try {
    const read = startReading();
    assert.deepEqual(await found(read), [true, true, true, true]);
    await owner.query("set session_replication_role = replica; set search_path = ''");
    await owner.query("update public.users set status = 'blocked' where user_id = $1", [userId]);
    assert.deepEqual([(await read())[0]?.status, (await read())[3]?.status], ["blocked", "blocked"]);
    await owner.query("delete from public.oidc_records where grant_id = $1", [grantId]);
    await owner.query("delete from public.service_accounts where client_id = $1", [clientId]);
    assert.deepEqual(await found(read), [true, false, false, true]);
    const other = await createSubject("emptied@example.com");
    const readOther = other.startReading();
    assert.deepEqual(await found(readOther), [true, true, true, true]);
    await owner.query("truncate public.oidc_records, public.service_accounts");
    assert.deepEqual(await found(readOther), [true, false, false, true]);
    await owner.query("delete from public.users where user_id = $1", [userId]);
    assert.deepEqual(await found(read), [false, false, false, false]);
    await owner.query("truncate public.users cascade");
    assert.deepEqual(await found(readOther), [false, false, false, false]);
  } finally {
    await owner.end();
  }
});

test("that a token is not revoked is kept until any one is", async () => {
  const { deps, reads } = identity;
  const { revoked } = createCallerReads({ ...deps, reads });
  assert.deepEqual(await Promise.all([revoked("one"), revoked("other")]), [false, false]);
  const expiresAt = new Date(deps.clock.now().getTime() + 1000);
  const token = {
    kind: "service",
    tokenId: "one",
    clientId: "any",
    scope: [],
    issuedAt: expiresAt,
    expiresAt,
    credential: 1,
  } as const;
  for (const _again of ["once", "twice"])
    await deps.db.transaction().execute((trx) => revokeServiceToken(deps, trx, token));
  assert.deepEqual(await Promise.all([revoked("one"), revoked("other")]), [true, false]);
});

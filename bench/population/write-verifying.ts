import { randomUUID } from "node:crypto";
import pg from "pg";
import { readConfig } from "../../src/config.ts";
import { createPersonKeys } from "../../src/features/personal-data/index.ts";
import { systemClock } from "../../src/foundation/clock/index.ts";
import { connectDatabase } from "../../src/foundation/database/index.ts";
import { randomIds } from "../../src/foundation/ids/index.ts";
import { createLogger } from "../../src/foundation/logging/index.ts";
import { loadKeys } from "../../src/keys.ts";
import { copyRows } from "./copy-rows.ts";

/** Somebody whose session is open at the provider. */
export type Verifying = { userId: string; providerSessionId: string };

const keysAtOnce = 500;

/**
 * Adds people who are about to be verified, each with a personal key and an open session with Veriff: what their webhooks
 * seal and change is there, as in production.
 */
export async function writeVerifying(environment: Record<string, string>, count: number): Promise<Verifying[]> {
  const people = Array.from({ length: count }, () => ({ userId: randomUUID(), providerSessionId: randomUUID() }));
  const client = new pg.Client({ connectionString: environment.DATABASE_OWNER_URL });
  await client.connect();
  try {
    await client.query("begin");
    await copyRows(client, "users", people.map(composeUser));
    await copyRows(client, "kyc_sessions", people.map(composeSession));
    await client.query("commit");
    await createKeys(environment, people);
    await client.query("vacuum (analyze) users, kyc_sessions, person_keys");
  } finally {
    await client.end();
  }
  return people;
}

function composeUser({ userId }: Verifying) {
  const now = new Date();
  return {
    user_id: userId,
    email: `${userId}@mail.example`,
    fname: "Adaeze",
    lname: "Okafor",
    role: "retail",
    type: "user",
    account_type: "standard",
    status: "not_verified",
    status_since: now,
    email_verified_at: now,
    created_at: now,
    updated_at: now,
  };
}

function composeSession({ userId, providerSessionId }: Verifying) {
  const now = new Date();
  return {
    session_id: randomUUID(),
    user_id: userId,
    provider: "veriff",
    purpose: "required",
    state: "created",
    provider_session_id: providerSessionId,
    requested_by: `user ${userId}`,
    original_request: JSON.stringify({ purpose: "required" }),
    created_at: now,
    updated_at: now,
  };
}

async function createKeys(environment: Record<string, string>, people: readonly Verifying[]): Promise<void> {
  const { wrappingKey } = await loadKeys(readConfig(environment));
  const url = environment.DATABASE_OWNER_URL ?? "";
  const log = createLogger({ level: "error" });
  const { db, close } = connectDatabase({ url, poolSize: 2, applicationName: "usher bench", log });
  try {
    const personKeys = createPersonKeys({ clock: systemClock, ids: randomIds, wrappingKey });
    for (let start = 0; start < people.length; start += keysAtOnce) {
      await db.transaction().execute(async (trx) => {
        for (const { userId } of people.slice(start, start + keysAtOnce)) await personKeys.createKey(trx, userId);
      });
    }
  } finally {
    await close();
  }
}

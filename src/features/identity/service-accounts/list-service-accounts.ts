import type { Static } from "typebox";
import type { Db } from "../../../foundation/database/index.ts";
import { presentServiceAccount } from "./present-service-account.ts";
import type { accountListSchema } from "./schemas.ts";
import { listServiceAccountRows } from "./service-accounts.queries.ts";

/** A page of service accounts, oldest first. `after` is the last one of the page before. */
export async function listServiceAccounts(
  { db }: { db: Db },
  { limit, after }: { limit: number; after: string | undefined },
): Promise<Static<typeof accountListSchema>> {
  const rows = await listServiceAccountRows(db, { limit: limit + 1, after });
  const page = rows.slice(0, limit);
  return {
    service_accounts: page.map(presentServiceAccount),
    last_evaluated_key: rows.length > limit ? (page.at(-1)?.client_id ?? null) : null,
  };
}

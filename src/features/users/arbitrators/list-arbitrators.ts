import type { Static } from "typebox";
import type { Cursors } from "../../../foundation/crypto/index.ts";
import type { Db } from "../../../foundation/database/index.ts";
import { invalidRequest } from "../../../foundation/errors/common.ts";
import {
  type ArbitratorPlace,
  type ArbitratorRow,
  findArbitratorRows,
  listVerifiedArbitrators,
} from "./arbitrators.queries.ts";
import type { arbitratorListSchema, arbitratorQuerySchema, arbitratorSchema } from "./schemas.ts";

type ArbitratorList = Static<typeof arbitratorListSchema>;

/** The primary wallets of users; identity provides it. */
export type FindPrimaryWallets = (userIds: readonly string[]) => Promise<Map<string, string>>;

type ListDeps = { db: Db; cursors: Cursors; findPrimaryWallets: FindPrimaryWallets };

/**
 * Arbitrators that may be offered: confirmed address, account in order. Without a filter the verified ones, page by page;
 * an exact e-mail address or full name finds external ones, too, in one page.
 *
 * @throws invalid-request when the cursor was made for another list
 */
export async function listArbitrators(
  deps: ListDeps,
  callerKey: string,
  { email, name, limit, last_evaluated_key }: Static<typeof arbitratorQuerySchema>,
): Promise<ArbitratorList> {
  if (email !== undefined || name !== undefined) {
    if (last_evaluated_key !== undefined)
      throw invalidRequest({ errors: { last_evaluated_key: ["does not go with email or name: these give one page"] } });
    const wanted = { email: fold(email), name: fold(name) };
    return answer(deps, await findArbitratorRows(deps.db, wanted, limit), null);
  }
  const scope = ["arbitrators", callerKey];
  const after =
    last_evaluated_key === undefined
      ? undefined
      : deps.cursors.decode<ArbitratorPlace>(last_evaluated_key, scope, "last_evaluated_key");
  const rows = await listVerifiedArbitrators(deps.db, limit + 1, after);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const goesOn = rows.length > limit && last;
  const place: ArbitratorPlace | undefined = goesOn ? { verifiedAt: last.place, userId: last.user_id } : undefined;
  return answer(deps, page, place ? deps.cursors.encode(place, scope) : null);
}

const fold = (text: string | undefined) => text?.trim().replace(/\s+/g, " ").toLowerCase();

async function answer(deps: ListDeps, rows: readonly ArbitratorRow[], cursor: string | null): Promise<ArbitratorList> {
  const wallets = await deps.findPrimaryWallets(rows.map((row) => row.user_id));
  return {
    arbitrators: rows.map((row) => presentArbitrator(row, wallets.get(row.user_id))),
    count: rows.length,
    last_evaluated_key: cursor,
  };
}

function presentArbitrator(row: ArbitratorRow, walletAddress: string | undefined): Static<typeof arbitratorSchema> {
  return {
    userId: row.user_id,
    firstname: row.fname,
    lastname: row.lname,
    country: row.country,
    website: row.website,
    additionalInfo: row.additional_info,
    walletAddress: walletAddress ?? null,
    verification: row.verification,
    verifiedAt: row.verified_at?.toISOString() ?? null,
  };
}

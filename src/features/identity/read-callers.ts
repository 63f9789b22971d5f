import type { Clock } from "../../foundation/clock/index.ts";
import type { KeyedHash } from "../../foundation/crypto/index.ts";
import { createShelf, type Db, type Reads } from "../../foundation/database/index.ts";
import { type CallerStanding, findStandings } from "../users/index.ts";
import { createNoteUse, findGrantEnds, findRevokedTokens } from "./oidc/index.ts";
import { findServiceStandings, type ServiceStanding } from "./service-accounts/index.ts";

/** Of each kind: a few hundred bytes each at most. */
const mostKept = 20_000;

/**
 * Makes the reads of what a caller may do at this moment. What is asked for together is one query of each kind; persons,
 * log-ins, service accounts and that a token is not revoked are kept, each use proven unchanged by the database.
 */
export function createCallerReads(deps: { db: Db; reads: Reads; clock: Clock; hash: KeyedHash }) {
  const { hash, reads } = deps;
  const noteUse = createNoteUse(deps);
  return {
    standings: reads.kept(
      async (db, userIds: readonly string[]) =>
        byKey(await findStandings(db, userIds), (row: CallerStanding): string => row.user_id),
      createShelf<CallerStanding>("standings", mostKept),
    ),
    logIns: reads.kept(
      async (db, grantIds: readonly string[]) => {
        const ends = await findGrantEnds(db, grantIds);
        return (grantId) => ends.get(grantId);
      },
      createShelf<Date>("log-ins", mostKept),
    ),
    accounts: reads.kept(
      async (db, clientIds: readonly string[]) =>
        byKey(await findServiceStandings(db, clientIds), (row: ServiceStanding): string => row.client_id),
      createShelf<ServiceStanding>("service accounts", mostKept),
    ),
    revoked: reads.kept(
      async (db, tokenIds: readonly string[]) => {
        const revoked = await findRevokedTokens({ db, hash }, tokenIds);
        return (tokenId) => revoked.has(tokenId);
      },
      createShelf<boolean>("revoked tokens", mostKept),
    ),
    uses: reads.together(async (_db, grantIds: readonly string[]) => {
      await noteUse(grantIds);
      return () => undefined;
    }),
  };
}

function byKey<Row>(rows: readonly Row[], keyOf: (row: Row) => string): (key: string) => Row | undefined {
  const found = new Map(rows.map((row) => [keyOf(row), row]));
  return (key) => found.get(key);
}

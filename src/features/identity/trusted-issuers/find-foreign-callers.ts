import DataLoader from "dataloader";
import type { Db } from "../../../foundation/database/index.ts";
import { type ForeignStanding, selectForeignStandings } from "./foreign-logins.queries.ts";
import type { ForeignToken } from "./verify-foreign-token.ts";

/** Whose a foreign token is and whether its log-in still stands; undefined where no link is stored. */
export type FindForeignCaller = (token: ForeignToken) => Promise<ForeignCaller | undefined>;

type ForeignCaller = { userId: string; live: boolean; secondFactor: boolean };

/** Makes the look-up; the tokens of one moment share one query, and nothing is kept: the answer is always the present one. */
export function createFindForeignCaller({ db }: { db: Db }): FindForeignCaller {
  const loader = new DataLoader<ForeignToken, ForeignCaller | undefined>(
    async (tokens) => {
      const found = new Map((await selectForeignStandings(db, tokens)).map((row) => [row.place, row]));
      return tokens.map((token, index) => toCaller(found.get(index + 1), token));
    },
    { cache: false, maxBatchSize: 500, batchScheduleFn: (run) => setImmediate(run) },
  );
  return (token) => loader.load(token);
}

function toCaller(standing: ForeignStanding | undefined, token: ForeignToken): ForeignCaller | undefined {
  if (!standing) return undefined;
  return {
    userId: standing.user_id,
    live: isLive(standing, token),
    secondFactor: standing.second_factor === true,
  };
}

/**
 * Log-ins are dated to the second. One of the very second in which all were ended counts as ended, unless it is noted
 * that it began afterwards.
 */
function isLive({ ended, tokens_not_before }: ForeignStanding, { loginAt }: ForeignToken): boolean {
  if (ended !== null) return !ended;
  return !tokens_not_before || !isOfThatSecondOrBefore(loginAt, tokens_not_before);
}

/** Whether a caller's log-in is one of a trusted issuer; our own have ids without `#`. */
export function isForeignLogin(login: string): boolean {
  return login.includes("#");
}

/** Whether a log-in, dated to the second, may have begun before a moment. */
export function isOfThatSecondOrBefore(loginAt: Date, moment: Date): boolean {
  return loginAt.getTime() <= Math.floor(moment.getTime() / 1000) * 1000;
}

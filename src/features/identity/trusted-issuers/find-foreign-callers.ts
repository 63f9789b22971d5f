import DataLoader from "dataloader";
import { addSeconds, type Clock } from "../../../foundation/clock/index.ts";
import type { Db } from "../../../foundation/database/index.ts";
import { tokenLifetimes } from "../oidc/token-lifetimes.ts";
import { type ForeignStanding, selectForeignStandings, slideForeignLogins } from "./foreign-logins.queries.ts";
import type { ForeignToken } from "./verify-foreign-token.ts";

/** Whose a foreign token is and whether its log-in still stands; undefined where no link is stored. */
export type FindForeignCaller = (token: ForeignToken) => Promise<ForeignCaller | undefined>;

type ForeignCaller = { userId: string; live: boolean; secondFactor: boolean };

/** How often a use is written down. A log-in so ends after 4½ to 5 idle minutes, never later. */
const notedEverySeconds = 30;

/**
 * Makes the look-up; the tokens of one moment share one query, and nothing is kept: the answer is always the present
 * one. A log-in with a second factor stands for five minutes from its last use, as those of our own machinery do.
 */
export function createFindForeignCaller({ db, clock }: { db: Db; clock: Clock }): FindForeignCaller {
  const loader = new DataLoader<ForeignToken, ForeignCaller | undefined>(
    async (tokens) => {
      const found = new Map((await selectForeignStandings(db, tokens)).map((row) => [row.place, row]));
      const now = clock.now();
      const callers = tokens.map((token, index) => toCaller(found.get(index + 1), token, now));
      const due = tokens.filter((_, index) => callers[index]?.live && isDue(found.get(index + 1), now));
      const until = addSeconds(now, tokenLifetimes.idleSeconds);
      if (due.length > 0)
        await slideForeignLogins(
          db,
          due.map(({ login }) => login),
          { until, now },
        );
      return callers;
    },
    { cache: false, maxBatchSize: 500, batchScheduleFn: (run) => setImmediate(run) },
  );
  return (token) => loader.load(token);
}

/** Whether the last note of a use is half a minute old. */
function isDue(standing: ForeignStanding | undefined, now: Date): boolean {
  const fresh = addSeconds(now, tokenLifetimes.idleSeconds - notedEverySeconds);
  return standing?.idle_until != null && standing.idle_until <= fresh;
}

function toCaller(standing: ForeignStanding | undefined, token: ForeignToken, now: Date): ForeignCaller | undefined {
  if (!standing) return undefined;
  return {
    userId: standing.user_id,
    live: isLive(standing, token, now),
    secondFactor: standing.second_factor === true,
  };
}

/**
 * Log-ins are dated to the second. One of the very second in which all were ended counts as ended, unless it is noted
 * that it began afterwards.
 */
function isLive(
  { ended, tokens_not_before, idle_until }: ForeignStanding,
  { loginAt }: ForeignToken,
  now: Date,
): boolean {
  if (idle_until && idle_until <= now) return false;
  if (ended !== null) return !ended;
  return !tokens_not_before || !isOfThatSecondOrBefore(loginAt, tokens_not_before);
}

/** Whether a log-in, dated to the second, may have begun before a moment. */
export function isOfThatSecondOrBefore(loginAt: Date, moment: Date): boolean {
  return loginAt.getTime() <= Math.floor(moment.getTime() / 1000) * 1000;
}

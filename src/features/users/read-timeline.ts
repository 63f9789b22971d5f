import type { Static } from "typebox";
import type { Cursors } from "../../foundation/crypto/index.ts";
import type { Db } from "../../foundation/database/index.ts";
import { isOperator, type UserCaller } from "../access/index.ts";
import { type Change, listTimeline } from "../journal/index.ts";
import type { PersonKeys } from "../personal-data/index.ts";
import { getUser } from "./read-user.ts";
import type { timelineEntrySchema } from "./schemas.ts";

export type Timeline = { entries: Static<typeof timelineEntrySchema>[]; last_evaluated_key: string | null };

/**
 * The journal of one user, newest first. The person sees what happened and when; who did it and why, by which delivery,
 * and by which of the provider's codes, is for operators.
 *
 * @throws user-not-found, invalid-request naming the cursor
 */
export async function readTimeline(
  deps: { db: Db; cursors: Cursors; personKeys: PersonKeys },
  input: { userId: string; caller: UserCaller; limit: number; cursor?: string },
): Promise<Timeline> {
  const user = await getUser(deps, input.userId);
  const scope = ["timeline", input.caller.userId, user.user_id];
  const before =
    input.cursor === undefined ? undefined : deps.cursors.decode<string>(input.cursor, scope, "last_evaluated_key");
  const entries = await listTimeline(deps, { userId: user.user_id, limit: input.limit + 1, before });
  const page = entries.slice(0, input.limit);
  const full = isOperator(input.caller);
  return {
    entries: page.map((entry) => ({
      entry_id: entry.entryId,
      at: entry.at.toISOString(),
      action: entry.action,
      ...(full ? { actor: entry.actor } : {}),
      changes: full ? entry.changes : withoutWorkings(entry.changes),
      changed_fields: Object.keys(entry.personal?.changes ?? {}),
      reason: full ? (entry.personal?.reason ?? null) : null,
    })),
    last_evaluated_key: entries.length > input.limit ? deps.cursors.encode(page.at(-1)?.seq, scope) : null,
  };
}

/** A reason code may name a suspicion, and a delivery is for the inbox: neither is for the person. */
const workings = ["reason_code", "delivery_id", "replayed_delivery_id", "attached_delivery_id"];

function withoutWorkings(changes: Record<string, Change>): Record<string, Change> {
  return Object.fromEntries(Object.entries(changes).filter(([name]) => !workings.includes(name)));
}

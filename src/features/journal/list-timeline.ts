import type { Db } from "../../foundation/database/index.ts";
import type { PersonKeys } from "../personal-data/index.ts";
import type { Actor, Change, PersonalPart } from "./entry.ts";
import type { EntryContent } from "./entry-text.ts";
import { listEntriesOfUser } from "./journal.queries.ts";

/** One thing that happened to a user. */
export type TimelineEntry = {
  /** Where it stands in the journal, as a decimal text: give it as `before` to read on. */
  seq: string;
  entryId: string;
  at: Date;
  actor: Actor;
  onBehalfOf: string | null;
  action: string;
  changes: Record<string, Change>;
  /** Null when there is none, or when the person's key was destroyed. */
  personal: PersonalPart | null;
  /** There was a personal part, and the person's key was destroyed. */
  personalDestroyed: boolean;
  requestId: string | null;
};

/**
 * What happened to a user, newest first, at most `limit` entries: 1 to 101, a page of 100 and the one that tells whether
 * more follow. `before` is the `seq` of the last entry seen.
 *
 * @throws RangeError when `limit` or `before` is out of bounds
 */
export async function listTimeline(
  deps: { db: Db; personKeys: PersonKeys },
  input: { userId: string; limit: number; before?: string },
): Promise<TimelineEntry[]> {
  if (!Number.isInteger(input.limit) || input.limit < 1 || input.limit > 101) {
    throw new RangeError("A page of the timeline has 1 to 101 entries.");
  }
  if (input.before !== undefined && !/^\d{1,18}$/.test(input.before)) throw new RangeError("`before` must be a seq.");
  const rows = await listEntriesOfUser(deps.db, input);
  const contents = rows.map((row) => JSON.parse(row.canonical) as EntryContent);
  const sealed = contents.map((content) => content.personal).filter((text) => text !== null);
  const opened = await deps.personKeys.listOpenFor<PersonalPart>(deps.db, input.userId, "journal", sealed);
  let next = 0;
  return rows.map((row, index) => {
    const { changes, personal } = contents[index] as EntryContent;
    const part = personal === null ? undefined : opened[next++];
    return {
      seq: row.seq,
      entryId: row.entry_id,
      at: row.at,
      actor: { kind: row.actor_kind as Actor["kind"], id: row.actor_id },
      onBehalfOf: row.on_behalf_of,
      action: row.action,
      changes,
      personal: part ?? null,
      personalDestroyed: personal !== null && part === undefined,
      requestId: row.request_id,
    };
  });
}

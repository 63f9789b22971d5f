import { type EntryColumns, entryText } from "../../src/features/journal/entry-text.ts";
import type { Actor, Change } from "../../src/features/journal/index.ts";
import { uuidAt } from "./compose-user.ts";
import type { Life } from "./live-through.ts";
import type { Random } from "./random.ts";

/** A row of `journal_entries`; the database gives its sequence number and transaction. */
export type EntryRow = EntryColumns & { canonical: string };

type Happening = { userId: string; actor: Actor; action: string; at: Date; changes: Record<string, Change> };

/** What the journal tells of a user, oldest first, without a personal part: a made-up person has no key to seal it with. */
export function composeEntries(
  random: Random,
  user: { user_id: string; role: string; type: string; created_at: Date },
  life: Life,
): EntryRow[] {
  const made = (after: string): Change => ({ before: null, after });
  const registered = {
    actor: { kind: "user", id: user.user_id } as const,
    action: "user.registered",
    at: user.created_at,
    changes: { status: made("pending"), role: made(user.role), type: made(user.type) },
  };
  const moves = life.moves.map(({ event, actor, at, from, to }) => ({
    actor,
    action: `user.${event}`,
    at,
    changes: { status: { before: from, after: to } },
  }));
  return [registered, ...moves].map((happening) => composeEntry(random, { ...happening, userId: user.user_id }));
}

function composeEntry(random: Random, { userId, actor, action, at, changes }: Happening): EntryRow {
  const columns: EntryColumns = {
    entry_id: uuidAt(random, at),
    at,
    actor_kind: actor.kind,
    actor_id: actor.id,
    on_behalf_of: null,
    action,
    subject_kind: "user",
    subject_id: userId,
    request_id: null,
  };
  return { ...columns, canonical: entryText(columns, { changes, personal: null }) };
}

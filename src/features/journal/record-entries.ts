import type { Transaction } from "kysely";
import type { Clock } from "../../foundation/clock/index.ts";
import { allOf, type Database } from "../../foundation/database/index.ts";
import type { Ids } from "../../foundation/ids/index.ts";
import type { PersonKeys } from "../personal-data/index.ts";
import type { NewEntry } from "./entry.ts";
import { type EntryColumns, entryText } from "./entry-text.ts";
import { insertEntries } from "./journal.queries.ts";

/** Records what happened, in the transaction of the deed: both are kept or neither is. */
export type Journal = {
  /**
   * One insert, and no lock.
   *
   * @throws PersonalKeyDestroyed when there is a personal part and the subject has no live key
   */
  record(trx: Transaction<Database>, entry: NewEntry): Promise<void>;
  /** One insert for all, in their order. */
  recordAll(trx: Transaction<Database>, entries: readonly NewEntry[]): Promise<void>;
};

type Deps = { clock: Clock; ids: Ids; personKeys: PersonKeys };

/** Makes the journal. */
export function createJournal(deps: Deps): Journal {
  const recordAll: Journal["recordAll"] = async (trx, entries) => {
    if (entries.length === 0) return;
    await insertEntries(trx, await allOf(entries.map((entry) => composeEntry(deps, trx, entry))));
  };
  return { recordAll, record: (trx, entry) => recordAll(trx, [entry]) };
}

async function composeEntry(
  { clock, ids, personKeys }: Deps,
  trx: Transaction<Database>,
  { actor, action, subject, onBehalfOf, changes, personal, requestId }: NewEntry,
): Promise<EntryColumns & { canonical: string }> {
  if (personal && subject.kind !== "user") {
    throw new TypeError(
      `The journal entry ${action} has a personal part, but its subject is no user: nobody's key fits.`,
    );
  }
  const columns: EntryColumns = {
    entry_id: ids.uuid(),
    at: clock.now(),
    actor_kind: actor.kind,
    actor_id: actor.id,
    on_behalf_of: onBehalfOf ?? null,
    action,
    subject_kind: subject.kind,
    subject_id: subject.id,
    request_id: requestId ?? null,
  };
  const sealed = personal ? await personKeys.sealFor(trx, subject.id, "journal", personal) : null;
  return { ...columns, canonical: entryText(columns, { changes: changes ?? {}, personal: sealed }) };
}

import type { Selectable } from "kysely";
import type { Database } from "../../foundation/database/index.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { Change } from "./entry.ts";

/** The columns that repeat what the text says, for queries. */
export type EntryColumns = Omit<Selectable<Database["journal_entries"]>, "seq" | "xid" | "canonical">;

/** What only the text says. `personal` is one JWE, or null. */
export type EntryContent = { changes: Record<string, Change>; personal: string | null };

/** The text that is hashed and never changes: one object with all that is known of the entry. */
export function entryText(columns: EntryColumns, content: EntryContent): string {
  return canonicalJson({ ...describeColumns(columns), ...content });
}

/** The columns in the words of the text. Every member is always there; what is absent is null. */
export function describeColumns(columns: EntryColumns) {
  return {
    entryId: columns.entry_id,
    at: columns.at,
    actor: { kind: columns.actor_kind, id: columns.actor_id },
    onBehalfOf: columns.on_behalf_of,
    action: columns.action,
    subject: { kind: columns.subject_kind, id: columns.subject_id },
    requestId: columns.request_id,
  };
}

import { canonicalJson } from "./canonical-json.ts";
import { describeColumns, type EntryContent, entryText } from "./entry-text.ts";
import { hashLeaf } from "./merkle-tree.ts";
import type { StoredEntry, StoredLeaf } from "./verifier.queries.ts";

/** What is wrong with a sealed entry, as a sentence; undefined when it is as it was sealed. */
export function findFaultOfLeaf({ entry, leaf_hash }: StoredLeaf): string | undefined {
  if (!entry) return "The entry was removed after it was sealed.";
  if (hashLeaf(entry.canonical).equals(leaf_hash)) return findFaultOfEntry(entry);
  return "The entry's text is not the one that was sealed: it was altered, or exchanged with another.";
}

/** What is wrong with an entry's form or columns, as a sentence. */
export function findFaultOfEntry(entry: StoredEntry): string | undefined {
  const recorded = readText(entry.canonical);
  if (!recorded) return "The entry's text is not a JSON object.";
  const { changes, personal } = recorded as EntryContent;
  if (entryText(entry, { changes, personal }) !== entry.canonical) return nameDifference(entry, recorded);
  // The text has milliseconds; a column with more of the second would go unnoticed otherwise.
  if (entry.at_text !== entry.at.toISOString().replace("Z", "000Z")) return differs("at");
  return undefined;
}

function nameDifference(entry: StoredEntry, recorded: Record<string, unknown>): string {
  for (const [member, value] of Object.entries(describeColumns(entry))) {
    if (canonicalJson(value) !== canonicalJson(recorded[member] ?? null)) return differs(member);
  }
  return "The entry's text has not the form in which entries are recorded.";
}

function differs(member: string): string {
  return `The entry's column for "${member}" does not agree with the entry's text.`;
}

function readText(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    // Not JSON: said by the answer.
    return undefined;
  }
}

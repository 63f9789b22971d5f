import { compareInstants } from "../../compare-instants.ts";
import type { Verdict } from "../../port.ts";
import { fieldsOf, textOf, wordsOf } from "../read-fields.ts";

/** Where Bridge blocks without a word of its own. */
const ownWords: Partial<Record<Verdict, string>> = {
  paused: "The provider has paused this account.",
  offboarded: "The provider has closed this account.",
};

const dayMilliseconds = 24 * 3600 * 1000;

/**
 * Why a customer was refused, paused or offboarded, for the person to read: the newest `reason`. `developer_reason` is
 * never read: Bridge forbids to show it. The list keeps old entries, so that a block has the words of an entry of its own
 * day only.
 */
export function readReason(rejectionReasons: unknown, verdict: Verdict, decisionTime: string | null): string | null {
  if (verdict !== "declined" && ownWords[verdict] === undefined) return null;
  const entries = (Array.isArray(rejectionReasons) ? rejectionReasons : [])
    .map((entry: unknown) => fieldsOf(entry))
    .map((entry) => ({ reason: wordsOf(entry?.reason, 500), at: textOf(entry?.created_at, 60) }))
    .filter(({ reason }) => reason !== null)
    .sort((a, b) => compareInstants(b.at, a.at));
  const [newest] = entries.filter(({ at }) => verdict === "declined" || isOfTheDay(at, decisionTime));
  return newest?.reason ?? ownWords[verdict] ?? null;
}

function isOfTheDay(at: string | null, decisionTime: string | null): boolean {
  return at !== null && decisionTime !== null && Date.parse(decisionTime) - Date.parse(at) <= dayMilliseconds;
}

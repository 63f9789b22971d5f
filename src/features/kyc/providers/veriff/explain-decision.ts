import type { SessionReport } from "../../port.ts";

/** For suspicions that must not be told to the person: what they did wrong, they know; what gave them away, nobody says. */
const neutral = "The check of your identity did not end with a result that we can accept.";

/**
 * Veriff's reason codes in words for the person. New ones come without notice, hence the defaults below.
 *
 * Source: devdocs.veriff.com, "Verification session decision codes table" (2025-09-03).
 */
// biome-ignore format: a table reads best aligned
const words: Record<string, string> = {
  "101": "We saw no physical document. Please use the document itself, not a photo or a copy of it.",
  "102": "The document could not be accepted as genuine.",
  "103": "The face in your photo could not be matched with the one on the document.",
  "104": "The name on the document is not the name in your profile.",
  "112": "The verification was made from a place from where we cannot accept it.",
  "120": "The face in your photo could not be matched with an earlier one.",
  "123": "The details of your document could not be confirmed with the register.",
  "539": "The documents were handed in too often without a result.",
  "201": "Something was missing. Please hand in all photos that you are asked for.",
  "202": "Your face could not be seen well. Please take the photo in good light, with nothing in front of your face.",
  "203": "The document could not be seen in full. Please take a photo of all of it, with no corner cut off.",
  "204": "The photos were not sharp enough. Please take them in good light, and hold the camera still.",
  "205": "The document is damaged. Please use another one.",
  "206": "This kind of document cannot be accepted. Please use another one, such as a passport.",
  "207": "The document has expired. Please use one that is valid.",
  "208": "Your own photo was missing. Please take it when you are asked for it.",
  "209": "The photo of the document was missing. Please take it when you are asked for it.",
  "210": "The photo of the document's front was missing. Please take it when you are asked for it.",
};

const again = "Please take the photos once more, in good light and with the whole document in the picture.";

/** What the person is told of a decision of Veriff. */
export function explainVeriffDecision(decision: Pick<SessionReport, "reasonCode" | "verdict">): string {
  const { reasonCode, verdict } = decision;
  const known = reasonCode !== null && Object.hasOwn(words, reasonCode) ? words[reasonCode] : undefined;
  return known ?? (verdict === "resubmission-requested" ? again : neutral);
}

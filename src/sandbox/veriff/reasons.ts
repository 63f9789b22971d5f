/** A reason a reviewer may give: Veriff's `reasonCode` and the text it puts into `reason`. */
export type Reason = { code: number; text: string };

/** Reasons of a decline (Veriff, "Verification session decision codes table"; new ones appear without notice). */
export const DECLINE_REASONS: readonly Reason[] = [
  { code: 101, text: "Physical document not used" },
  { code: 102, text: "Suspected document tampering" },
  { code: 103, text: "Person showing the document does not appear to match document photo" },
  { code: 104, text: "Name does not match the document" },
  { code: 105, text: "Suspicious behaviour" },
  { code: 106, text: "Known fraud" },
  { code: 107, text: "Velocity or abuse" },
  { code: 108, text: "Duplicate user" },
  { code: 109, text: "Duplicate device" },
  { code: 110, text: "Duplicate ID" },
  { code: 111, text: "Session accessed fraudulently" },
  { code: 112, text: "Restricted IP location" },
  { code: 113, text: "Identity farming" },
  { code: 120, text: "Face does not match the reference" },
  { code: 121, text: "User id is missing" },
  { code: 122, text: "No reference to compare with" },
  { code: 123, text: "Registry check failed" },
  { code: 124, text: "Face is already in the collection" },
  { code: 126, text: "Politically exposed person" },
  { code: 127, text: "Face is on the blocklist" },
  { code: 128, text: "End-user id mismatch" },
  { code: 129, text: "Invalid workflow" },
];

/** Reasons of a request to resubmit. */
export const RESUBMIT_REASONS: readonly Reason[] = [
  { code: 201, text: "Media missing" },
  { code: 202, text: "Face not clearly visible" },
  { code: 203, text: "Full document not visible" },
  { code: 204, text: "Poor image quality" },
  { code: 205, text: "Document is damaged" },
  { code: 206, text: "Document type not supported" },
  { code: 207, text: "Document has expired" },
  { code: 208, text: "Selfie missing" },
  { code: 209, text: "Document photo missing" },
  { code: 210, text: "Front photo of the document missing" },
];

/** What the tenth request to resubmit turns into, as a decline. */
export const RESUBMISSION_LIMIT_REACHED: Reason = { code: 539, text: "Resubmission limit exceeded" };

/** The documented text of a code, or null for one that is in no list. */
export function findReasonText(code: number | string): string | null {
  const known = [...DECLINE_REASONS, ...RESUBMIT_REASONS, RESUBMISSION_LIMIT_REACHED];
  return known.find((reason) => String(reason.code) === String(code))?.text ?? null;
}

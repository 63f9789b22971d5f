import { nanosecondsOf } from "../../compare-instants.ts";
import type { Verdict, WebhookContent } from "../../port.ts";
import { codeOf, type Fields, fieldsOf, textOf, wordsOf } from "../read-fields.ts";

/** Veriff's statuses in our words, with the code that should come along. We decide on the status: their own pages disagree on codes. */
const statuses: Record<string, { verdict: Verdict; code: string }> = {
  approved: { verdict: "approved", code: "9001" },
  declined: { verdict: "declined", code: "9102" },
  resubmission_requested: { verdict: "resubmission-requested", code: "9103" },
  expired: { verdict: "expired", code: "9104" },
  abandoned: { verdict: "abandoned", code: "9104" },
  review: { verdict: "in-review", code: "9121" },
};

/**
 * Reads a decision. The status at the root is that of the API call, not the verdict; but an approval counts only where
 * both speak for it, so that contradictory pairs never activate anybody.
 */
export function readDecision(root: Fields): WebhookContent {
  const verification = fieldsOf(root.verification) ?? {};
  const subject = { providerSessionId: textOf(verification.id, 200), hint: textOf(verification.vendorData, 1500) };
  if (subject.providerSessionId === null) return { kind: "unknown", subject, why: "The decision names no session." };
  const providerStatus = textOf(verification.status, 60) ?? "";
  const known = Object.hasOwn(statuses, providerStatus) ? statuses[providerStatus] : undefined;
  if (!known) return { kind: "unknown", subject, why: "The status is not one we know; nobody guesses what it means." };
  if (known.verdict === "approved" && root.status !== "success") {
    return { kind: "contradictory", subject, why: 'An approval whose top-level `status` is not "success".' };
  }
  const decisionTime = readTime(verification.decisionTime);
  const code = codeOf(verification.code);
  return {
    kind: "report",
    subject,
    remarks: [
      ...(code === null || code === known.code ? [] : ["The code does not go with the status."]),
      ...(decisionTime === null ? ["The decision bears no time that can be read; it counts as the oldest."] : []),
    ],
    report: {
      kind: "decision",
      attemptId: textOf(verification.attemptId, 200),
      verdict: known.verdict,
      providerStatus,
      reason: wordsOf(verification.reason, 500),
      reasonCode: codeOf(verification.reasonCode),
      decisionTime,
    },
  };
}

function readTime(value: unknown): string | null {
  const text = textOf(value, 60);
  return text !== null && nanosecondsOf(text) !== undefined ? text : null;
}

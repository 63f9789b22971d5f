import { nanosecondsOf } from "../../compare-instants.ts";
import type { WebhookContent, WebhookSubject } from "../../port.ts";
import { type Fields, textOf } from "../read-fields.ts";
import { describeEndorsements } from "./read-endorsements.ts";
import { readReason } from "./read-reason.ts";
import { verdictOfStatus } from "./statuses.ts";

/**
 * Reads what a customer or KYC link says of where its person stands.
 *
 * @param status its own status field: `status` of a customer, `kyc_status` of a link
 * @param times candidates for the time of it, the best first
 */
export function readStanding(
  object: Fields,
  input: { subject: WebhookSubject; status: unknown; times: readonly unknown[]; remarks?: readonly string[] },
): WebhookContent {
  const { subject, remarks = [] } = input;
  const providerStatus = textOf(input.status, 60) ?? "";
  const verdict = verdictOfStatus.get(providerStatus);
  if (verdict === undefined)
    return { kind: "unknown", subject, why: "The status is not one we know; nobody guesses what it means." };
  const decisionTime = input.times.map(readTime).find((time) => time !== null) ?? null;
  return {
    kind: "report",
    subject,
    remarks: [
      ...remarks,
      ...describeEndorsements(object, verdict === "approved"),
      ...(decisionTime === null ? ["It bears no time that can be read; it counts as the oldest."] : []),
    ],
    report: {
      kind: "decision",
      attemptId: null,
      verdict,
      providerStatus,
      reason: readReason(object.rejection_reasons, verdict, decisionTime),
      reasonCode: null,
      decisionTime,
    },
  };
}

/** A customer as `GET /v0/customers/{id}` gives it. Everything but `id` and `status` may be absent. */
export function readCustomer(customer: Fields): WebhookContent {
  const subject = { providerSessionId: textOf(customer.id, 200), hint: textOf(customer.client_reference_id, 256) };
  return readStanding(customer, { subject, status: customer.status, times: [customer.updated_at] });
}

function readTime(value: unknown): string | null {
  const text = textOf(value, 60);
  return text !== null && nanosecondsOf(text) !== undefined ? text : null;
}

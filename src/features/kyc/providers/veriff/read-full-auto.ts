import type { WebhookContent } from "../../port.ts";
import { type Fields, fieldsOf, textOf } from "../read-fields.ts";
import { readDecision } from "./read-decision.ts";

/**
 * Reads a full-auto decision, by bringing it into the form of a classic one, so that one set of rules decides on both.
 * The verdict is written as a text, or as `{ value }`; there is neither reason nor code, and the time stands at the root.
 *
 * Source: devdocs.veriff.com, "Full Auto webhook" (2025-09-05).
 */
export function readFullAuto(root: Fields): WebhookContent {
  const verification = fieldsOf(fieldsOf(root.data)?.verification) ?? {};
  const decision = fieldsOf(verification.decision)?.value ?? verification.decision;
  return readDecision({
    status: root.status,
    verification: {
      id: root.sessionId,
      attemptId: root.attemptId,
      vendorData: root.vendorData,
      status: decision,
      decisionTime: root.time,
    },
  });
}

/**
 * A status that somebody defined in Veriff's portal: it decides nothing here, and operators see that it came, with its
 * code where that is one.
 *
 * Source: devdocs.veriff.com, "User-defined statuses webhook".
 */
export function readUserStatus(root: Fields): WebhookContent {
  const verification = fieldsOf(fieldsOf(root.data)?.verification);
  const subject = { providerSessionId: textOf(verification?.id, 200), hint: textOf(root.vendorData, 1500) };
  const code = textOf(fieldsOf(verification?.userDefinedData)?.statusCode, 60);
  const named = code !== null && /^[a-z0-9_]+$/.test(code) ? ` (${code})` : "";
  return { kind: "unknown", subject, why: `A status of the portal's own${named}: it decides nothing here.` };
}

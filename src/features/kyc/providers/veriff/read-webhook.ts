import type { WebhookContent } from "../../port.ts";
import { codeOf, type Fields, fieldsOf, parseBody, textOf } from "../read-fields.ts";
import { readDecision } from "./read-decision.ts";
import { readFullAuto, readUserStatus } from "./read-full-auto.ts";

const eventCodes = { started: "7001", submitted: "7002" };

/**
 * Reads a body whose signature holds, told apart by shape: `eventType` names the newer kinds, `action` is an event,
 * `verification` a decision. Anything else is kept as unknown. Fields that we do not know are left alone: Veriff
 * adds them without notice.
 *
 * Source: devdocs.veriff.com, "Event webhook" and "Decision webhook".
 */
export function readVeriffWebhook(body: Buffer): WebhookContent {
  const parsed = parseBody(body);
  if ("why" in parsed) return { kind: "unreadable", subject: nobody, why: parsed.why };
  const root = fieldsOf(parsed.value);
  if (!root) return { kind: "unreadable", subject: nobody, why: "The body is JSON, but no object." };
  if (root.eventType === "fullauto") return readFullAuto(root);
  if (root.eventType === "user-status.created") return readUserStatus(root);
  if (root.eventType !== undefined) return readUnknownKind(root);
  if (root.action !== undefined) return readEvent(root);
  if (root.verification !== undefined) return readDecision(root);
  return { kind: "unknown", subject: nobody, why: "Neither `action` nor `verification` is there." };
}

/** Whether a body has the shape of an event, a decision or a full-auto delivery of Veriff. */
export function isShapedLikeVeriff(body: Buffer): boolean {
  const parsed = parseBody(body);
  const root = "value" in parsed ? fieldsOf(parsed.value) : undefined;
  if (root?.eventType !== undefined) return true;
  return fieldsOf(root?.verification)?.id !== undefined || (root?.action !== undefined && root.id !== undefined);
}

const nobody = { providerSessionId: null, hint: null };

function readEvent(root: Fields): WebhookContent {
  const subject = { providerSessionId: textOf(root.id, 200), hint: textOf(root.vendorData, 1500) };
  const action = textOf(root.action, 60);
  if (subject.providerSessionId === null) return { kind: "unknown", subject, why: "The event names no session." };
  if (action !== "started" && action !== "submitted") {
    return { kind: "unknown", subject, why: "The event's action is not one we know." };
  }
  const code = codeOf(root.code);
  return {
    kind: "report",
    subject,
    remarks: code === null || code === eventCodes[action] ? [] : ["The code does not go with the action."],
    report: {
      kind: action,
      attemptId: textOf(root.attemptId, 200),
      verdict: null,
      providerStatus: action,
      reason: null,
      reasonCode: null,
      decisionTime: null,
    },
  };
}

/** Kinds that we do not read bear the session's id at the root, or under `data.verification`. */
function readUnknownKind(root: Fields): WebhookContent {
  const nested = fieldsOf(fieldsOf(root.data)?.verification);
  const providerSessionId = textOf(root.sessionId, 200) ?? textOf(nested?.id, 200);
  const subject = { providerSessionId, hint: textOf(root.vendorData, 1500) };
  return { kind: "unknown", subject, why: "This `eventType` is not read by this version." };
}

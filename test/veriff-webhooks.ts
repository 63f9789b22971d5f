import { signedHeaders } from "../src/sandbox/veriff/signature.ts";
import type { Answer, Send } from "./harness.ts";

/** What a webhook speaks of: the provider's session id, and our user id as `vendorData`. */
export type About = { sessionId: string; userId: string };

type Keys = { apiKey: string; sharedSecret: string };

/** The body of an event webhook, as in test/fixtures/veriff/event-*.json. */
export function eventBody({ sessionId, userId }: About, action: "started" | "submitted"): string {
  const code = action === "started" ? 7001 : 7002;
  return JSON.stringify({
    id: sessionId,
    attemptId: attemptOf(sessionId),
    feature: "selfid",
    code,
    action,
    vendorData: userId,
    endUserId: null,
  });
}

const codes = { approved: 9001, declined: 9102 };

/** The body of a decision webhook, as in test/fixtures/veriff/decision-*.json. */
export function decisionBody({ sessionId, userId }: About, status: keyof typeof codes, decisionTime: string): string {
  const declined = status === "declined";
  return JSON.stringify({
    status: "success",
    verification: {
      id: sessionId,
      attemptId: attemptOf(sessionId),
      code: codes[status],
      status,
      reason: declined ? "Suspected document tampering" : null,
      reasonCode: declined ? 102 : null,
      vendorData: userId,
      endUserId: null,
      person: { firstName: "ADA", lastName: "OKAFOR", dateOfBirth: "1990-05-17" },
      decisionTime,
    },
    technicalData: { ip: "203.0.113.7" },
  });
}

/** Delivers a body as Veriff does, signed over its exact bytes. */
export function deliver(send: Send, keys: Keys, body: string): Promise<Answer> {
  return send("POST", "/users/webhook-kyc", { raw: body, headers: signedHeaders(keys, body) });
}

/** One attempt a session is enough here; it has to be a UUID and the same each time. */
function attemptOf(sessionId: string): string {
  return sessionId.replace(/^.{8}/, "00000000");
}

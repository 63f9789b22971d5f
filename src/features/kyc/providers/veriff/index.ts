import type { Logger } from "../../../../foundation/logging/index.ts";
import type { CallOutside } from "../../../../foundation/outbound/index.ts";
import type { KycProvider } from "../../port.ts";
import type { VeriffAccount } from "./call-veriff.ts";
import { fetchVeriffDecision, startVeriffSession } from "./client.ts";
import { explainVeriffDecision } from "./explain-decision.ts";
import { isShapedLikeVeriff, readVeriffWebhook } from "./read-webhook.ts";
import { verifyVeriffWebhook } from "./verify-webhook.ts";

export type { VeriffAccount } from "./call-veriff.ts";

/** Veriff as a provider. Its own field names and codes stay in this folder. */
export function createVeriff(deps: { account: VeriffAccount; callOutside: CallOutside; log: Logger }): KycProvider {
  return {
    name: "veriff",
    // "Not opened within 7 days: expired; opened but not concluded within 7 days: abandoned" (Veriff, general FAQ).
    sessionLivesSeconds: 7 * 24 * 3600,
    signatureHeader: "x-hmac-signature",
    isShapedLikeOwn: isShapedLikeVeriff,
    // Not X-AUTH-CLIENT: that key alone opens sessions.
    keptHeaders: ["content-type", "user-agent", "x-hmac-signature", "vrf-integration-id"],
    startSession: (input) => startVeriffSession(deps, input),
    verifyWebhook: (delivery) => verifyVeriffWebhook(deps.account, delivery),
    readWebhook: readVeriffWebhook,
    explainDecision: explainVeriffDecision,
    fetchDecision: (providerSessionId) => fetchVeriffDecision(deps, providerSessionId),
  };
}

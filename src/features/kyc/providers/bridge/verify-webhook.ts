import type { KeyObject } from "node:crypto";
import type { Clock } from "../../../../foundation/clock/index.ts";
import type { Logger } from "../../../../foundation/logging/index.ts";
import type { SignatureVerdict, WebhookDelivery } from "../../port.ts";
import { holdsForBridge, holdsHashedOnce, readBridgeSignature } from "./signature.ts";

export const signatureHeader = "x-webhook-signature";

/** Bridge signs every try afresh, so that an honest delivery is never older; its clock may be a little ahead of ours. */
const countsForMilliseconds = 10 * 60_000;
const aheadMilliseconds = 60_000;

/**
 * Checks `X-Webhook-Signature` over the exact bytes, against every key that counts during a rotation. `stale`: signed by
 * Bridge, but outside of the time in which a signature counts, or from the future.
 */
export function verifyBridgeWebhook(
  { keys, clock, log }: { keys: readonly KeyObject[]; clock: Clock; log: Logger },
  { body, headers }: WebhookDelivery,
): SignatureVerdict {
  const header = headers[signatureHeader];
  if (header === undefined || header === "") return "missing";
  const signature = typeof header === "string" ? readBridgeSignature(header) : undefined;
  if (!signature) return "invalid";
  if (!holdsForBridge(keys, body, signature)) {
    if (holdsHashedOnce(keys, body, signature))
      log.error("the verification provider signs in another way than documented", { provider: "bridge" });
    return "invalid";
  }
  const age = clock.now().getTime() - signature.signedAtMilliseconds;
  return age > countsForMilliseconds || age < -aheadMilliseconds ? "stale" : "valid";
}

import type { SignatureVerdict, WebhookDelivery } from "../../port.ts";
import { holdsForVeriff } from "./signature.ts";

/**
 * Checks `X-HMAC-SIGNATURE` over the exact bytes. `X-AUTH-CLIENT` names the integration: where it is there it must be
 * ours, so that a delivery of the test integration does not count in the live one.
 */
export function verifyVeriffWebhook(
  keys: { apiKey: string; sharedSecret: string },
  { body, headers }: WebhookDelivery,
): SignatureVerdict {
  const signature = headers["x-hmac-signature"];
  if (signature === undefined || signature === "") return "missing";
  const client = headers["x-auth-client"];
  if (client !== undefined && String(client).toLowerCase() !== keys.apiKey.toLowerCase()) return "invalid";
  return holdsForVeriff(keys.sharedSecret, body, String(signature)) ? "valid" : "invalid";
}

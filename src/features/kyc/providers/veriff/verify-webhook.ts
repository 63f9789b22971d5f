import type { SignatureVerdict, WebhookDelivery } from "../../port.ts";
import type { VeriffAccount } from "./call-veriff.ts";
import { holdsForAccount } from "./signature.ts";

/**
 * Checks `X-HMAC-SIGNATURE` over the exact bytes. `X-AUTH-CLIENT` names the integration: where it is there it must be
 * ours, so that a delivery of the test integration does not count in the live one.
 */
export function verifyVeriffWebhook(
  keys: Pick<VeriffAccount, "apiKey" | "sharedSecret" | "previousSharedSecrets">,
  { body, headers }: WebhookDelivery,
): SignatureVerdict {
  const signature = headers["x-hmac-signature"];
  if (signature === undefined || signature === "") return "missing";
  const client = headers["x-auth-client"];
  if (client !== undefined && String(client).toLowerCase() !== keys.apiKey.toLowerCase()) return "invalid";
  return holdsForAccount(keys, body, String(signature)) ? "valid" : "invalid";
}

import { createHmac } from "node:crypto";

/**
 * SECRET_HASH of Amazon Cognito: the proof that a call comes from the holder of the app client's secret. `username` must
 * be the very text that the call sends (AWS developer guide, "Computing secret hash values").
 */
export function secretHash(client: { clientId: string; clientSecret: string }, username: string): string {
  return createHmac("sha256", client.clientSecret).update(`${username}${client.clientId}`).digest("base64");
}

import type { NonceFacts } from "./nonce.ts";
import { expiryOf } from "./nonce.ts";
import { formatMessage } from "./siwe-message.ts";

/** What the statement of a message says; the one for linking names the deed, and the Request ID the account. */
export const statements = {
  logIn: "Log in with this wallet. Signing costs nothing and sends no transaction.",
  link: "Link this wallet to my account, so that it can log in there. Signing costs nothing and sends no transaction.",
} as const;

/** Our own authority and URI as messages name them: from the configured address, never from the Host header. */
export function placeOf(publicUrl: string): { scheme: string; domain: string; uri: string } {
  const { protocol, host } = new URL(publicUrl);
  return { scheme: protocol.slice(0, -1), domain: host, uri: publicUrl };
}

/** The ready text for a nonce, the same each time it is composed. `address` is in EIP-55. */
export function composeMessage(publicUrl: string, nonce: string, facts: NonceFacts, address: string): string {
  const { domain, uri } = placeOf(publicUrl);
  return formatMessage({
    domain,
    address,
    statement: facts.userId === null ? statements.logIn : statements.link,
    uri,
    chainId: facts.chainId,
    nonce,
    issuedAt: facts.issuedAt.toISOString(),
    expirationTime: expiryOf(facts).toISOString(),
    ...(facts.userId === null ? {} : { requestId: facts.userId }),
  });
}

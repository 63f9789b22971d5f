import { checksumAddress } from "./checksum-address.ts";
import { placeOf, statements } from "./compose-message.ts";
import type { NonceFacts } from "./nonce.ts";
import { readMessage, type SiweMessage } from "./siwe-message.ts";
import type { WalletCurve } from "./wallet-curve.ts";

/** How far a wallet's clock may be from ours. */
const clockToleranceSeconds = 300;
/** How long a message may count at most, from now. */
const longestLifetimeSeconds = 600;

/** What a message has to fit. */
export type Expected = {
  publicUrl: string;
  chainIds: readonly number[];
  now: Date;
  nonce: string;
  facts: NonceFacts;
  /** As the request names it, in lower case. */
  address: string;
};

/** Everything that is wrong with a message, in sentences; none for one that may be believed once its signature is right. */
export function findFaults(curve: WalletCurve, text: string, expected: Expected): string[] {
  const message = readMessage(text);
  if (!message) return ["is not a message of EIP-4361, to the letter"];
  const { publicUrl, facts } = expected;
  const place = placeOf(publicUrl);
  const rules: [holds: boolean, sentence: string][] = [
    [
      message.address === checksumAddress(curve, message.address),
      "has an address that is not in the mixed case of EIP-55",
    ],
    [message.address.toLowerCase() === expected.address, "names another address than userAddress"],
    [message.domain === place.domain, `must name the domain ${place.domain}`],
    [message.scheme === undefined || message.scheme === place.scheme, `must have the scheme ${place.scheme}, or none`],
    [
      message.uri === place.uri || message.uri.startsWith(`${place.uri}/`),
      `must have a URI that begins with ${place.uri}`,
    ],
    [expected.chainIds.includes(message.chainId), `must name one of the chains ${expected.chainIds.join(", ")}`],
    [message.nonce === expected.nonce, "names another nonce"],
    [facts.userId === null || message.statement === statements.link, `must have the statement "${statements.link}"`],
    [
      message.requestId === (facts.userId ?? undefined),
      "must have the Request ID of the ready message, or none where it has none",
    ],
    ...timeRules(message, expected.now),
  ];
  return rules.filter(([holds]) => !holds).map(([, sentence]) => sentence);
}

function timeRules(message: SiweMessage, now: Date): [boolean, string][] {
  const secondsFromNow = (time: string) => (Date.parse(time) - now.getTime()) / 1000;
  const { issuedAt, expirationTime, notBefore } = message;
  const left = expirationTime === undefined ? undefined : secondsFromNow(expirationTime);
  return [
    [Math.abs(secondsFromNow(issuedAt)) <= clockToleranceSeconds, "was issued more than five minutes from now"],
    [left !== undefined, "must have an Expiration Time"],
    [left === undefined || left > 0, "has expired"],
    [left === undefined || left <= longestLifetimeSeconds, "must expire within ten minutes"],
    [notBefore === undefined || secondsFromNow(notBefore) <= 0, "does not count yet"],
  ];
}

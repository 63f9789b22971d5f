import { timingSafeEqual } from "node:crypto";
import { addSeconds, type Clock } from "../../../foundation/clock/index.ts";
import type { KeyedHash } from "../../../foundation/crypto/index.ts";
import type { Ids } from "../../../foundation/ids/index.ts";

/** How long a nonce counts. */
export const nonceLifetimeSeconds = 300;

/** What a nonce was given out for; our signature binds it. */
export type NonceFacts = {
  issuedAt: Date;
  chainId: number;
  /** In lower case; null where it was not said which wallet will sign. */
  address: string | null;
  /** The account that a wallet is to be linked to; null for a log-in. */
  userId: string | null;
};

/** A nonce with our signature ("backSig"): what was given out is kept nowhere, only what was used. */
export type SignedNonce = { nonce: string; backSig: string };

type Kept = [issuedAt: number, chainId: number, address: string | null, userId: string | null];

const macOf = (hash: KeyedHash, nonce: string, payload: string) => hash("wallet nonce", nonce, payload);

/** Makes a nonce of 128 random bits, in letters and digits as EIP-4361 asks, and signs it with its purpose and time. */
export function signNonce({ ids, hash }: { ids: Ids; hash: KeyedHash }, facts: NonceFacts): SignedNonce {
  const nonce = Buffer.from(ids.token(), "base64url").subarray(0, 16).toString("hex");
  const kept: Kept = [facts.issuedAt.getTime(), facts.chainId, facts.address, facts.userId];
  const payload = Buffer.from(JSON.stringify(kept)).toString("base64url");
  return { nonce, backSig: `${payload}.${macOf(hash, nonce, payload).toString("base64url")}` };
}

/** What a nonce was given out for; undefined where we did not sign it, or its time is over. */
export function openNonce(
  { clock, hash }: { clock: Clock; hash: KeyedHash },
  { nonce, backSig }: SignedNonce,
): NonceFacts | undefined {
  const [payload = "", mac = ""] = backSig.split(".");
  const given = Buffer.from(mac, "base64url");
  const right = macOf(hash, nonce, payload);
  if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
  const [issuedAt, chainId, address, userId] = JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as Kept;
  const facts: NonceFacts = { issuedAt: new Date(issuedAt), chainId, address, userId };
  return expiryOf(facts) > clock.now() ? facts : undefined;
}

/** When a nonce stops to count. */
export function expiryOf({ issuedAt }: Pick<NonceFacts, "issuedAt">): Date {
  return addSeconds(issuedAt, nonceLifetimeSeconds);
}

import type { PublicKeyCredentialRequestOptionsJSON } from "@simplewebauthn/server";
import type { Transaction } from "kysely";
import type { Database } from "../../../foundation/database/index.ts";
import type { IdentityDeps } from "../identity-deps.ts";
import { issueSecret } from "../issue-secret.ts";
import { offerRequest } from "./passkeys.ts";
import { listActiveFactors } from "./second-factors.queries.ts";

/** The two occasions on which a second factor is asked for. */
export type DemandPurpose = "second-factor" | "second-factor-proof";

/** What may be answered. */
export type ProofMethod = "totp" | "passkey" | "recovery-code";

/** A challenge, and what the person can answer it with. */
export type SecondFactorDemand = {
  /** Counts once, for five minutes and five tries. */
  challenge: string;
  /** Seconds. */
  expiresIn: number;
  methods: ProofMethod[];
  /** For `navigator.credentials.get`, where the person has a passkey. */
  passkey?: PublicKeyCredentialRequestOptionsJSON;
};

/**
 * Makes a challenge in the caller's transaction, in place of one for the same purpose; undefined where the person has no
 * second factor. The secret in it is also what a passkey signs.
 */
export async function demandSecondFactor(
  deps: Pick<IdentityDeps, "clock" | "ids" | "hash" | "passkeySite">,
  trx: Transaction<Database>,
  { userId, purpose }: { userId: string; purpose: DemandPurpose },
): Promise<SecondFactorDemand | undefined> {
  const factors = await listActiveFactors(trx, userId);
  if (factors.length === 0) return undefined;
  const { secret, lifetimeSeconds } = await issueSecret(deps, trx, { purpose, subject: userId });
  const passkeys = factors.filter(({ method }) => method === "passkey");
  const methods = [...new Set(factors.map(({ method }) => method))];
  return {
    challenge: `${userId}.${secret}`,
    expiresIn: lifetimeSeconds,
    methods: [...methods, "recovery-code"],
    ...(passkeys.length > 0
      ? { passkey: await offerRequest(deps.passkeySite, { challenge: secret, existing: passkeys }) }
      : {}),
  };
}

const form = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([A-Za-z0-9_-]{43})$/;

/** The two parts of a challenge; undefined where it is none of ours. */
export function readChallenge(challenge: string): { userId: string; secret: string } | undefined {
  const [, userId, secret] = form.exec(challenge) ?? [];
  return userId && secret ? { userId, secret } : undefined;
}

import type { Transaction } from "kysely";
import type { Database } from "../../foundation/database/index.ts";
import type { UserRow } from "../users/index.ts";
import { emailNotConfirmed, invalidCredentials } from "./errors.ts";
import type { IdentityDeps } from "./identity-deps.ts";
import type { HeldLogIn } from "./identity-provider.ts";
import type { TokenPair } from "./oidc/index.ts";
import { requireAccess } from "./require-access.ts";
import type { ProofMethod, SecondFactorDemand } from "./second-factor/demand-second-factor.ts";
import { secondFactorRequired } from "./second-factor/errors.ts";
import { holdLogIn } from "./second-factor/hold-log-in.ts";

/** A log-in that has begun: its tokens, or the second factor that is asked for first. */
export type LogInOutcome = { tokens: TokenPair } | { demand: SecondFactorDemand };

/** How the person proved to be the one. */
export type FirstMethod = "password" | "link" | "wallet";

type OpenInput = {
  user: UserRow;
  method: FirstMethod;
  /** The second factor that was proven. */
  secondMethod?: ProofMethod;
  requestId: string;
  /** Where the tokens come from; our own machinery unless the identity provider brings them. */
  issue?: () => Promise<TokenPair>;
  /** What the identity provider has issued already, when the log-in has to wait; undefined where its proof was overtaken. */
  hold?: () => Promise<HeldLogIn | undefined>;
};

/**
 * Begins a log-in, in the transaction that holds the user's lock: nobody can be blocked or get a new password between
 * the check and the tokens. Who has enrolled a second factor gets a challenge for it instead of tokens; pass what this
 * gives through `tokensOf` after the commit.
 *
 * @throws account-inactive, account-blocked, account-closed, email-not-confirmed, invalid-credentials
 */
export async function openSession(
  deps: Pick<IdentityDeps, "clock" | "ids" | "hash" | "passkeySite" | "personKeys" | "journal" | "tokens">,
  trx: Transaction<Database>,
  input: OpenInput,
): Promise<LogInOutcome> {
  const { user, method, secondMethod, requestId } = input;
  requireAccess(user);
  // Who comes with a wallet has proven the wallet; the address comes later.
  if (user.status === "pending" && method !== "wallet") throw emailNotConfirmed();
  if (user.sca_verified_at && !secondMethod) {
    const held = input.hold ? await input.hold() : {};
    if (!held) throw invalidCredentials();
    return { demand: await holdLogIn(deps, trx, { user, method, held, requestId }) };
  }
  await deps.journal.record(trx, {
    actor: { kind: "user", id: user.user_id },
    action: "user.logged-in",
    subject: { kind: "user", id: user.user_id },
    changes: {
      method: { before: null, after: method },
      ...(secondMethod ? { second_method: { before: null, after: secondMethod } } : {}),
    },
    requestId,
  });
  const issue =
    input.issue ?? (() => deps.tokens.issue(trx, { userId: user.user_id, amr: secondMethod && amrOf[secondMethod] }));
  return { tokens: await issue() };
}

/** The `amr` of a log-in with two proofs (RFC 8176, and `pop` of OpenID's EAP profile for passkeys). */
const amrOf: Record<ProofMethod, readonly string[]> = {
  totp: ["mfa", "otp"],
  passkey: ["mfa", "pop"],
  "recovery-code": ["mfa", "otp"],
};

/** The tokens, to be asked for after the commit: the challenge must stand. @throws second-factor-required */
export function tokensOf(outcome: LogInOutcome): TokenPair {
  if ("tokens" in outcome) return outcome.tokens;
  const { demand } = outcome;
  throw secondFactorRequired({ extensions: { ...demand } });
}

import type { IdentityDeps, RequestFacts } from "../identity-deps.ts";
import { hashSource } from "../known-source.ts";
import { rememberSource } from "../known-sources.queries.ts";
import type { TokenPair } from "../oidc/index.ts";
import { type FirstMethod, openSession } from "../open-session.ts";
import { answerChallenge } from "./answer-challenge.ts";
import type { Proof } from "./check-proof.ts";
import { secondFactorRefused } from "./errors.ts";
import { heldTokensField } from "./hold-log-in.ts";
import { noteProof } from "./note-proof.ts";
import { takeBegunLogIn } from "./second-factors.queries.ts";

/**
 * Completes a log-in with the second proof.
 *
 * @throws second-factor-refused, too-many-requests, account-inactive, account-blocked, account-closed
 */
export async function completeLogIn(
  deps: IdentityDeps,
  { challenge, proof, source, requestId }: RequestFacts & { challenge: string; proof: Proof },
): Promise<TokenPair> {
  const input = { purpose: "second-factor", challenge, proof, source } as const;
  const completed = await answerChallenge(deps, input, async (trx, user, secondMethod) => {
    const begun = await takeBegunLogIn(trx, user.user_id);
    if (!begun) return undefined;
    const { tokens_sealed: held, foreign_login: foreignLogin } = begun;
    if (foreignLogin !== null) await noteProof(deps, trx, { login: foreignLogin, userId: user.user_id });
    const outcome = await openSession(deps, trx, {
      user,
      method: begun.method as FirstMethod,
      secondMethod,
      requestId,
      ...(held === null
        ? {}
        : { issue: () => deps.personKeys.openFor<TokenPair>(trx, user.user_id, heldTokensField, held) }),
    });
    if (user.email !== null)
      await rememberSource(trx, hashSource(deps.hash, user.email, source), user.user_id, deps.clock.now());
    return outcome;
  });
  if (!completed || !("tokens" in completed)) throw secondFactorRefused();
  return completed.tokens;
}

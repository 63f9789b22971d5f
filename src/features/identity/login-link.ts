import { findUser, lockUser } from "../users/index.ts";
import { consumeSecret } from "./consume-secret.ts";
import { invalidLoginLink } from "./errors.ts";
import type { IdentityDeps, RequestFacts } from "./identity-deps.ts";
import { issueSecret } from "./issue-secret.ts";
import type { TokenPair } from "./oidc/index.ts";
import { openSession, tokensOf } from "./open-session.ts";

/** Makes the token of a log-in link: counts once, for 15 minutes, and replaces the one before it. */
export async function issueLoginLink(
  deps: Pick<IdentityDeps, "db" | "clock" | "ids" | "hash" | "journal">,
  userId: string,
): Promise<string> {
  return deps.db.transaction().execute(async (trx) => {
    const user = await lockUser(trx, userId);
    const { secret } = await issueSecret(deps, trx, { purpose: "login-link", subject: user.user_id });
    await deps.journal.record(trx, {
      actor: { kind: "system", id: "login-link" },
      action: "user.login-link-issued",
      subject: { kind: "user", id: user.user_id },
    });
    return `${user.user_id}.${secret}`;
  });
}

const form = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([A-Za-z0-9_-]{43})$/;

/**
 * Logs in with the token of a log-in link.
 *
 * @throws invalid-login-link, second-factor-required, too-many-requests, account-inactive, account-blocked, account-closed
 */
export async function logInWithLink(
  deps: IdentityDeps,
  { token, source, requestId }: RequestFacts & { token: string },
): Promise<TokenPair> {
  await deps.throttles.charge([["code tries by source", source]]);
  const [, userId, secret] = form.exec(token) ?? [];
  if (!userId || !secret || !(await findUser(deps.db, userId))) throw invalidLoginLink();
  const begun = await deps.db.transaction().execute(async (trx) => {
    const user = await lockUser(trx, userId);
    const outcome = await consumeSecret(deps, trx, { purpose: "login-link", subject: userId, secret });
    return outcome === "refused" ? undefined : openSession(deps, trx, { user, method: "link", requestId });
  });
  // After the commit: the wrong try stays counted.
  if (!begun) throw invalidLoginLink();
  await deps.throttles.refund([["code tries by source", source]]);
  return tokensOf(begun);
}

import type { UserCaller } from "../access/index.ts";
import { actorOf } from "../journal/index.ts";
import type { IdentityDeps } from "./identity-deps.ts";

type LogOutInput = { caller: UserCaller; refreshToken?: string; everywhere?: boolean; requestId: string };

/**
 * Ends the log-in that the caller's token belongs to, or all of the person's. A refresh token given beside it ends its
 * log-in too, whosesoever it is: who holds it may give it up (RFC 7009).
 */
export async function logOut(
  deps: Pick<IdentityDeps, "db" | "journal" | "tokens">,
  { caller, refreshToken, everywhere = false, requestId }: LogOutInput,
): Promise<void> {
  await deps.db.transaction().execute(async (trx) => {
    if (everywhere) await deps.tokens.endSessions(trx, caller.userId);
    else await deps.tokens.endSession(trx, caller.grantId);
    const other =
      refreshToken === undefined ? undefined : await deps.tokens.endSessionOfRefreshToken(trx, refreshToken);
    const ended = new Set([caller.userId, ...(other ? [other.userId] : [])]);
    await deps.journal.recordAll(
      trx,
      [...ended].map((userId) => ({
        actor: actorOf(caller),
        action: "user.logged-out",
        subject: { kind: "user", id: userId } as const,
        changes: { everywhere: { before: null, after: everywhere && userId === caller.userId } },
        requestId,
      })),
    );
  });
}

import type { Clock } from "../../../foundation/clock/index.ts";
import {
  type KeyFacts,
  loadSigningKeys,
  type PlatformSeal,
  rotateSigningKey,
} from "../../../foundation/crypto/index.ts";
import type { Db } from "../../../foundation/database/index.ts";
import type { UserCaller } from "../../access/index.ts";
import { actorOf, type Journal } from "../../journal/index.ts";
import type { Tokens } from "../oidc/index.ts";

export type KeyDeps = { db: Db; clock: Clock; seal: PlatformSeal; journal: Journal; tokens: Pick<Tokens, "useKeys"> };

/**
 * Published for an hour before it signs, so that every process and every gateway that keeps our key set knows it; the
 * old key stays published for an hour after its last signature, four times as long as an access token lives.
 */
const planned = { publishSeconds: 3600, overlapSeconds: 3600 };

/** After a theft: the old key counts no more from this moment on, and every token that it signed with it. */
const atOnce = { publishSeconds: 0, overlapSeconds: 0 };

/**
 * Makes the key that signs tokens next. While one waits to come into use, a planned rotation gives that one.
 *
 * @returns the key to come
 */
export async function rotateTokenKey(
  deps: KeyDeps,
  order: { compromised: boolean; caller: UserCaller; requestId: string },
): Promise<KeyFacts> {
  const next = await deps.db.transaction().execute(async (trx) => {
    const { made, ...key } = await rotateSigningKey(deps, trx, "tokens", order.compromised ? atOnce : planned);
    if (!made) return key;
    await deps.journal.record(trx, {
      actor: actorOf(order.caller),
      action: "signing-key.rotated",
      subject: { kind: "system", id: "token keys" },
      changes: {
        kid: { before: null, after: key.kid },
        signs_from: { before: null, after: key.signsFrom.toISOString() },
        compromised: { before: null, after: order.compromised },
      },
      requestId: order.requestId,
    });
    return key;
  });
  await reloadTokenKeys(deps);
  return next;
}

/** Lets this process sign and check with the keys of the moment. Every process does so once a minute. */
export async function reloadTokenKeys(deps: Pick<KeyDeps, "db" | "clock" | "seal" | "tokens">): Promise<void> {
  deps.tokens.useKeys(await loadSigningKeys(deps, "tokens"));
}

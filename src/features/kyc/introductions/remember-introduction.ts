import { randomUUID } from "node:crypto";
import { lockUser } from "../../users/index.ts";
import type { KycDeps } from "../deps.ts";
import type { Introduction, ProviderName } from "../port.ts";
import { findIntroductionRow, insertIntroduction } from "./introductions.queries.ts";

/** What the sealed body is bound to. */
const field = "kyc-introduction";

/**
 * The introduction under way, or a new one, stored before it is first sent: a process that dies after the call leaves the
 * key and the bytes with which the next one gets the same customer.
 *
 * @param body what is sent where there is none yet
 */
export async function rememberIntroduction(
  deps: Pick<KycDeps, "db" | "clock" | "personKeys">,
  input: { userId: string; provider: ProviderName; body: string },
): Promise<Introduction> {
  const { userId, provider, body } = input;
  return deps.db.transaction().execute(async (trx) => {
    await lockUser(trx, userId);
    const row = await findIntroductionRow(trx, userId, provider);
    if (row) {
      const kept = await deps.personKeys.openFor<string>(trx, userId, field, row.body_sealed);
      return { idempotencyKey: row.idempotency_key, body: kept, firstSentAt: row.first_sent_at };
    }
    // Random, not in the order of time: a key that could be guessed would show another integrator's answer.
    const introduction = { idempotencyKey: randomUUID(), body, firstSentAt: deps.clock.now() };
    await insertIntroduction(trx, {
      user_id: userId,
      provider,
      idempotency_key: introduction.idempotencyKey,
      body_sealed: await deps.personKeys.sealFor(trx, userId, field, body),
      first_sent_at: introduction.firstSentAt,
    });
    return introduction;
  });
}

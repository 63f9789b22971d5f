import type { UserRow } from "../users/index.ts";
import { findSessionOfDelivery } from "./cases.queries.ts";
import { insertOrCountDelivery } from "./deliveries.queries.ts";
import type { IncomingDelivery, KycDeps } from "./deps.ts";
import { sealRaw } from "./seal-raw.ts";
import { lockProviderSession } from "./sessions.queries.ts";
import { takeDelivery } from "./take-delivery.ts";

/**
 * Keeps a delivery that no session of ours has the id of. When the session is being stored in the same moment, one of the
 * two waits for the other: either the session finds the delivery waiting, or the delivery finds the session.
 */
export async function keepUnmatched(
  deps: KycDeps,
  incoming: IncomingDelivery,
  providerSessionId: string | null,
): Promise<UserRow | null> {
  const { provider, content, key, requestId } = incoming;
  const { sealed } = await sealRaw(deps, deps.db, incoming.delivery.body, null);
  const appeared = await deps.db.transaction().execute(async (trx) => {
    if (providerSessionId !== null) {
      await lockProviderSession(trx, provider.name, providerSessionId);
      const owner = await findSessionOfDelivery(trx, providerSessionId, key);
      if (owner) return owner;
    }
    const now = deps.clock.now();
    const deliveryId = deps.ids.uuid();
    const outcome = content.kind === "report" ? "unmatched" : content.kind;
    const { fresh } = await insertOrCountDelivery(trx, {
      delivery_id: deliveryId,
      provider: provider.name,
      received_at: now,
      last_received_at: now,
      content_hash: key.contentHash,
      event_id: key.eventId ?? null,
      signature: "valid",
      headers: JSON.stringify(incoming.headers),
      raw_sealed: sealed,
      kind: content.kind === "report" ? content.report.kind : content.kind,
      provider_session_id: providerSessionId,
      outcome,
      detail: content.kind === "report" ? "No session of ours has this id." : content.why,
    });
    if (!fresh) return undefined;
    await deps.journal.record(trx, {
      actor: { kind: "provider", id: provider.name },
      action: "kyc.delivery-kept",
      subject: { kind: "webhook", id: deliveryId },
      changes: { outcome: { before: null, after: outcome } },
      requestId,
    });
    return undefined;
  });
  return appeared ? takeDelivery(deps, incoming, appeared) : null;
}

import type { Transaction } from "kysely";
import type { Database } from "../../foundation/database/index.ts";
import type { UserCaller } from "../access/index.ts";
import { actorOf } from "../journal/index.ts";
import { lockUser } from "../users/index.ts";
import { applyKept } from "./apply-kept.ts";
import { findSessionOfDelivery } from "./cases.queries.ts";
import { findKept, lockKept, updateDelivery } from "./deliveries.queries.ts";
import type { KycDeps } from "./deps.ts";
import { deliveryBodyGone, deliveryNotFound, deliveryNotReplayable } from "./errors.ts";
import { getProvider } from "./get-provider.ts";
import type { KycProvider, WebhookContent } from "./port.ts";
import { findRaw } from "./seal-raw.ts";
import { lockProviderSession } from "./sessions.queries.ts";
import type { DeliveryRow } from "./tables.ts";

/** An operator's order to take up a delivery again. */
export type ReplayOrder = { deliveryId: string; reason: string | undefined; caller: UserCaller; requestId: string };

type Replay = { delivery: DeliveryRow; provider: KycProvider; content: WebhookContent; order: ReplayOrder };

/**
 * Takes up a kept delivery again: its bytes are read with the reader of today and applied on the same way as when they
 * came. So a shape that an earlier version did not know counts now, and everything else changes nothing, however often it
 * is replayed. Journalled, with the operator as actor.
 *
 * @returns whether it changed anything
 * @throws delivery-not-found (404), delivery-not-replayable (409), delivery-body-gone (409)
 */
export async function replayDelivery(deps: KycDeps, order: ReplayOrder): Promise<{ changed: boolean }> {
  const delivery = await findKept(deps.db, order.deliveryId);
  if (!delivery) throw deliveryNotFound();
  if (delivery.signature !== "valid") throw deliveryNotReplayable({ detail: "Its signature did not hold." });
  const provider = getProvider(deps.providers, delivery.provider);
  const body = await findRaw(deps, deps.db, delivery);
  if (!body) throw deliveryBodyGone();
  const replay = { delivery, provider, content: provider.readWebhook(body), order };
  const owner = await findOwner(deps.db, replay);
  if (owner) return replayOwned(deps, replay, owner);
  const late = await replayUnmatched(deps, replay);
  return "owner" in late ? replayOwned(deps, replay, late.owner) : late;
}

type Owner = { session_id: string; user_id: string };

async function findOwner(db: KycDeps["db"], { delivery, content }: Replay): Promise<Owner | undefined> {
  const { providerSessionId } = content.subject;
  if (providerSessionId === null) return undefined;
  const key = { provider: delivery.provider, contentHash: delivery.content_hash, eventId: undefined };
  return findSessionOfDelivery(db, providerSessionId, key);
}

async function replayOwned(deps: KycDeps, replay: Replay, owner: Owner): Promise<{ changed: boolean }> {
  const { provider, order } = replay;
  return deps.db.transaction().execute(async (trx) => {
    const user = await lockUser(trx, owner.user_id);
    const delivery = await lockKept(trx, order.deliveryId);
    const place = { provider, sessionId: owner.session_id, user, requestId: order.requestId };
    const { changed } = await applyKept(deps, trx, delivery, place);
    await recordReplay(deps, trx, order, { changed, userId: user.erased_at ? undefined : user.user_id });
    return { changed };
  });
}

/** What no session is known for waits for it, if the reader of today understands it. */
async function replayUnmatched(deps: KycDeps, replay: Replay): Promise<{ changed: boolean } | { owner: Owner }> {
  const { provider, content, order } = replay;
  const { providerSessionId } = content.subject;
  return deps.db.transaction().execute(async (trx) => {
    if (providerSessionId !== null) await lockProviderSession(trx, provider.name, providerSessionId);
    const owner = await findOwner(trx, replay);
    if (owner) return { owner };
    const delivery = await lockKept(trx, order.deliveryId);
    const outcome = content.kind === "report" ? "unmatched" : content.kind;
    const changed = outcome !== delivery.outcome;
    if (changed) {
      const kind = content.kind === "report" ? content.report.kind : content.kind;
      const detail = content.kind === "report" ? "No session of ours has this id." : content.why;
      const told = { outcome, kind, detail, provider_session_id: providerSessionId };
      await updateDelivery(trx, delivery.delivery_id, told);
    }
    await recordReplay(deps, trx, order, { changed, userId: undefined });
    return { changed };
  });
}

async function recordReplay(
  { journal }: KycDeps,
  trx: Transaction<Database>,
  { deliveryId, reason, caller, requestId }: ReplayOrder,
  { changed, userId }: { changed: boolean; userId: string | undefined },
): Promise<void> {
  const entry = {
    actor: actorOf(caller),
    action: "kyc.delivery-replayed",
    changes: { replayed_delivery_id: { before: null, after: deliveryId }, changed: { before: null, after: changed } },
    requestId,
  };
  if (userId === undefined) return journal.record(trx, { ...entry, subject: { kind: "webhook", id: deliveryId } });
  const personal = reason === undefined ? {} : { personal: { reason } };
  await journal.record(trx, { ...entry, subject: { kind: "user", id: userId }, ...personal });
}

import { createHash } from "node:crypto";
import { findUser, type PresentedUser, presentUser, type UserRow } from "../users/index.ts";
import { countRepeat, insertOrCountDelivery } from "./deliveries.queries.ts";
import type { IncomingDelivery, KycDeps } from "./deps.ts";
import { webhookRefused } from "./errors.ts";
import { keepUnmatched } from "./keep-unmatched.ts";
import type { KycProvider, WebhookDelivery } from "./port.ts";
import { sealRaw } from "./seal-raw.ts";
import { findSessionOfDelivery } from "./sessions.queries.ts";
import { takeDelivery } from "./take-delivery.ts";

/** What a provider is answered. */
export type Received = { message: string; user: PresentedUser | null };

/** Bodies whose signature does not hold are kept up to here; strangers must not fill the disk. */
const keptUnsignedBytes = 64 * 1024;

/**
 * Receives a delivery: whatever comes is stored, and answered 200 only once it is durable. An exact repeat, at any time,
 * has no second effect: Veriff signs no time and repeats for a week.
 *
 * @throws webhook-signature-invalid when the signature does not hold; recorded all the same
 */
export async function receiveWebhook(
  deps: KycDeps,
  input: { provider: KycProvider; delivery: WebhookDelivery; requestId: string },
): Promise<Received> {
  const { provider, delivery, requestId } = input;
  const contentHash = createHash("sha256").update(delivery.body).digest();
  const headers = keepHeaders(provider, delivery);
  if (provider.verifyWebhook(delivery) !== "valid") {
    await recordRefused(deps, { provider, delivery, contentHash, headers });
    throw webhookRefused();
  }
  const content = provider.readWebhook(delivery.body);
  const user = await takeIn(deps, { provider, delivery, content, contentHash, headers, requestId });
  return {
    message: user ? "The delivery was taken in." : "The delivery was kept; it is about nobody we know.",
    user: user && presentUser(user),
  };
}

async function takeIn(deps: KycDeps, incoming: IncomingDelivery): Promise<UserRow | null> {
  const { provider, content, contentHash } = incoming;
  const { providerSessionId } = content.subject;
  if (providerSessionId === null) return keepUnmatched(deps, incoming, null);
  const owner = await findSessionOfDelivery(deps.db, provider.name, providerSessionId, contentHash);
  if (owner?.seen) return countAndFind(deps, incoming);
  if (owner) return takeDelivery(deps, incoming, owner);
  return keepUnmatched(deps, incoming, providerSessionId);
}

async function countAndFind(deps: KycDeps, { provider, contentHash }: IncomingDelivery): Promise<UserRow | null> {
  const first = await countRepeat(deps.db, provider.name, contentHash, deps.clock.now());
  return (first.user_id && (await findUser(deps.db, first.user_id))) || null;
}

async function recordRefused(
  deps: KycDeps,
  {
    provider,
    delivery,
    contentHash,
    headers,
  }: Pick<IncomingDelivery, "provider" | "delivery" | "contentHash" | "headers">,
): Promise<void> {
  const verdict = provider.verifyWebhook(delivery);
  const now = deps.clock.now();
  const kept = delivery.body.length <= keptUnsignedBytes;
  await insertOrCountDelivery(deps.db, {
    delivery_id: deps.ids.uuid(),
    provider: provider.name,
    received_at: now,
    last_received_at: now,
    content_hash: contentHash,
    signature: verdict,
    headers: JSON.stringify(headers),
    raw_sealed: kept ? (await sealRaw(deps, deps.db, delivery.body, null)).sealed : null,
    outcome: "refused",
    detail: kept ? null : `The body of ${delivery.body.length} bytes was not kept.`,
  });
  deps.log.warn("a webhook without a valid signature was refused", {
    provider: provider.name,
    verdict,
    size: delivery.body.length,
  });
}

function keepHeaders({ keptHeaders }: KycProvider, { headers }: WebhookDelivery): Record<string, string> {
  const kept = keptHeaders.map((name) => [name, headers[name]] as const).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept.map(([name, value]) => [name, [value ?? ""].flat().join(", ").slice(0, 300)]));
}

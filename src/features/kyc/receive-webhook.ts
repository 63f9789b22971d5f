import { createHash } from "node:crypto";
import { findUser, type PresentedUser, presentUser, type UserRow } from "../users/index.ts";
import { countRepeats } from "./deliveries.queries.ts";
import type { IncomingDelivery, KycDeps } from "./deps.ts";
import { webhookRefused } from "./errors.ts";
import { keepUnmatched } from "./keep-unmatched.ts";
import { mergeCopies } from "./merge-copies.ts";
import type { KycProvider, WebhookDelivery } from "./port.ts";
import { recordRefused } from "./record-refused.ts";
import { findSessionOfDelivery } from "./sessions.queries.ts";
import { takeDelivery } from "./take-delivery.ts";

/** What a provider is answered. */
export type Received = { message: string; user: PresentedUser | null };

/** Receives a delivery of a provider. */
export type ReceiveWebhook = (input: {
  provider: KycProvider;
  delivery: WebhookDelivery;
  requestId: string;
}) => Promise<Received>;

/**
 * Makes the receiver: whatever comes is stored, and answered only once it is durable. An exact repeat, at any time, has
 * no second effect: Veriff signs no time and repeats for a week. Copies that arrive in this process while the first is
 * worked on share its outcome; all others meet the database's unique key.
 *
 * @throws webhook-signature-invalid when the signature does not hold; recorded all the same
 */
export function createReceiveWebhook(deps: KycDeps): ReceiveWebhook {
  const takeOnce = mergeCopies(
    (incoming: IncomingDelivery) => takeIn(deps, incoming),
    async ({ provider, contentHash }, copies) => {
      await countRepeats(deps.db, provider.name, contentHash, { copies, now: deps.clock.now() });
    },
  );
  return async ({ provider, delivery, requestId }) => {
    const contentHash = createHash("sha256").update(delivery.body).digest();
    const headers = keepHeaders(provider, delivery);
    const verdict = provider.verifyWebhook(delivery);
    if (verdict !== "valid") {
      await recordRefused(deps, { provider, delivery, contentHash, headers, verdict });
      throw webhookRefused();
    }
    const content = provider.readWebhook(delivery.body);
    const key = `${provider.name} ${contentHash.toString("base64")}`;
    const user = await takeOnce(key, { provider, delivery, content, contentHash, headers, requestId });
    return {
      message: user ? "The delivery was taken in." : "The delivery was kept; it is about nobody we know.",
      user: user && presentUser(user),
    };
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
  const first = await countRepeats(deps.db, provider.name, contentHash, { copies: 1, now: deps.clock.now() });
  return (first.user_id && (await findUser(deps.db, first.user_id))) || null;
}

function keepHeaders({ keptHeaders }: KycProvider, { headers }: WebhookDelivery): Record<string, string> {
  const kept = keptHeaders.map((name) => [name, headers[name]] as const).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept.map(([name, value]) => [name, [value ?? ""].flat().join(", ").slice(0, 300)]));
}

import { createHash } from "node:crypto";
import { type PresentedUser, presentUser } from "../users/index.ts";
import { countRepeats } from "./deliveries.queries.ts";
import type { KycDeps } from "./deps.ts";
import { describeStray } from "./describe-stray.ts";
import { foreignDelivery, webhookRefused, webhookTooOld } from "./errors.ts";
import { mergeCopies } from "./merge-copies.ts";
import type { KycProvider, WebhookDelivery } from "./port.ts";
import { recordRefused } from "./record-refused.ts";
import { createTakeTogether } from "./take-together.ts";

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
 * Copies are told by the provider's name of the event where it gives one, else by the bytes.
 *
 * @throws webhook-signature-invalid (401) when the signature does not hold, webhook-too-old (400) when it holds and is
 * too old to count; both recorded all the same. webhook-of-another-provider (400) when it holds, but the body is not this
 * provider's. A copy that is signed anew is taken in.
 */
export function createReceiveWebhook(deps: KycDeps): ReceiveWebhook {
  const takeOnce = mergeCopies(createTakeTogether(deps), async ({ key }, copies) => {
    await countRepeats(deps.db, key, { copies, now: deps.clock.now() });
  });
  return async ({ provider, delivery, requestId }) => {
    const contentHash = createHash("sha256").update(delivery.body).digest();
    const headers = keepHeaders(provider, delivery);
    const verdict = provider.verifyWebhook(delivery);
    if (verdict !== "valid") {
      await recordRefused(deps, { provider, delivery, contentHash, headers, verdict });
      if (verdict === "stale") throw webhookTooOld();
      throw webhookRefused({ detail: describeStray(deps.providers, provider, delivery) });
    }
    const content = provider.readWebhook(delivery.body);
    const stray = content.kind === "unknown" ? describeStray(deps.providers, provider, delivery) : undefined;
    if (stray) throw foreignDelivery({ detail: stray });
    const key = { provider: provider.name, contentHash, eventId: content.eventId };
    const work = `${provider.name} ${content.eventId ?? contentHash.toString("base64")}`;
    const user = await takeOnce(work, { provider, delivery, content, key, headers, requestId });
    return {
      message: user ? "The delivery was taken in." : "The delivery was kept; it is about nobody we know.",
      user: user && presentUser(user),
    };
  };
}

function keepHeaders({ keptHeaders }: KycProvider, { headers }: WebhookDelivery): Record<string, string> {
  const kept = keptHeaders.map((name) => [name, headers[name]] as const).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept.map(([name, value]) => [name, [value ?? ""].flat().join(", ").slice(0, 300)]));
}

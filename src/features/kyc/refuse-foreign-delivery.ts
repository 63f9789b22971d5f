import type { Logger } from "../../foundation/logging/index.ts";
import type { Providers } from "./deps.ts";
import { foreignDelivery } from "./errors.ts";
import type { KycProvider, ProviderName, WebhookDelivery } from "./port.ts";

/** Where each provider delivers to. */
export const webhookPaths: Record<ProviderName, string> = {
  veriff: "/users/webhook-kyc",
  bridge: "/users/webhook/kyc",
};

/**
 * Refuses what another provider meant for its own path: an address set wrong in a provider's portal should read like
 * one, not like a forgery. Told by the signature's header, else by the body's shape; either is only a guess at the
 * sender, and has no other effect.
 *
 * @throws webhook-of-another-provider
 */
export function refuseForeignDelivery(
  { providers, log }: { providers: Providers; log: Logger },
  provider: KycProvider,
  delivery: WebhookDelivery,
): void {
  const others = Object.values(providers).filter((other) => other.name !== provider.name);
  const sender = others.find((other) => isFrom(other, provider, delivery));
  if (!sender) return;
  log.warn("a webhook came to another provider's path", { provider: sender.name });
  throw foreignDelivery({
    detail: `This looks like a delivery of ${sender.name}, which belongs to POST ${webhookPaths[sender.name]}.`,
  });
}

function isFrom(other: KycProvider, own: KycProvider, { body, headers }: WebhookDelivery): boolean {
  const bearsOwn = headers[own.signatureHeader] !== undefined;
  if (!bearsOwn && headers[other.signatureHeader] !== undefined) return true;
  return other.isShapedLikeOwn(body) && !own.isShapedLikeOwn(body);
}

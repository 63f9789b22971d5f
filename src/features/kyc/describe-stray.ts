import type { Providers } from "./deps.ts";
import type { KycProvider, ProviderName, WebhookDelivery } from "./port.ts";

/** Where each provider delivers to. */
const webhookPaths: Record<ProviderName, string> = { veriff: "/users/webhook-kyc", bridge: "/users/webhook/kyc" };

/**
 * Where a delivery belongs that another provider seems to have meant for its own path, in a sentence; undefined where
 * nothing speaks for that. An address set wrong in a provider's portal should read like one, not like a forgery. Told by
 * the signature's header, else by the body's shape; either is only a guess at the sender.
 */
export function describeStray(
  providers: Providers,
  provider: KycProvider,
  delivery: WebhookDelivery,
): string | undefined {
  const others = Object.values(providers).filter((other) => other.name !== provider.name);
  const sender = others.find((other) => isFrom(other, provider, delivery));
  if (!sender) return undefined;
  return `This looks like a delivery of ${sender.name}, which belongs to POST ${webhookPaths[sender.name]}.`;
}

function isFrom(other: KycProvider, own: KycProvider, { body, headers }: WebhookDelivery): boolean {
  const bearsOwn = headers[own.signatureHeader] !== undefined;
  if (!bearsOwn && headers[other.signatureHeader] !== undefined) return true;
  return other.isShapedLikeOwn(body) && !own.isShapedLikeOwn(body);
}

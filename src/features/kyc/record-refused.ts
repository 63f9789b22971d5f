import { insertOrCountDelivery } from "./deliveries.queries.ts";
import type { IncomingDelivery, KycDeps } from "./deps.ts";
import type { SignatureVerdict } from "./port.ts";
import { sealRaw } from "./seal-raw.ts";

/** Bodies whose signature does not hold are kept up to here; strangers must not fill the disk. */
const keptBytes = 64 * 1024;

type Refused = Omit<IncomingDelivery, "content" | "requestId" | "key"> & {
  contentHash: Buffer;
  verdict: SignatureVerdict;
};

/** Records a delivery whose signature does not hold: once for each body, with no effect and no journal entry. */
export async function recordRefused(deps: KycDeps, refused: Refused): Promise<void> {
  const { provider, delivery, contentHash, headers, verdict } = refused;
  const now = deps.clock.now();
  const size = delivery.body.length;
  await insertOrCountDelivery(deps.db, {
    delivery_id: deps.ids.uuid(),
    provider: provider.name,
    received_at: now,
    last_received_at: now,
    content_hash: contentHash,
    signature: verdict,
    headers: JSON.stringify(headers),
    raw_sealed: size <= keptBytes ? (await sealRaw(deps, deps.db, delivery.body, null)).sealed : null,
    outcome: "refused",
    detail: size <= keptBytes ? null : `The body of ${size} bytes was not kept.`,
  });
  deps.log.warn("a webhook without a valid signature was refused", { provider: provider.name, verdict, size });
}

import type { Static } from "typebox";
import { findKept } from "./deliveries.queries.ts";
import type { KycDeps } from "./deps.ts";
import { deliveryNotFound } from "./errors.ts";
import { presentDelivery } from "./list-deliveries.ts";
import { maskBody } from "./mask-body.ts";
import type { inspectedSchema } from "./schemas.ts";
import { findRaw } from "./seal-raw.ts";

/** What a masked body may weigh; a larger one is not shown. */
const shownBytes = 256 * 1024;

/**
 * One delivery with the structure of its body, masked. `body` is null where nothing is kept, or it is no JSON.
 *
 * @throws delivery-not-found
 */
export async function inspectDelivery(
  deps: Pick<KycDeps, "db" | "seal" | "personKeys">,
  deliveryId: string,
): Promise<Static<typeof inspectedSchema>> {
  const row = await findKept(deps.db, deliveryId);
  if (!row) throw deliveryNotFound();
  const raw = await findRaw(deps, deps.db, row);
  return {
    ...presentDelivery(row),
    event_id: row.event_id,
    body_bytes: raw?.length ?? null,
    body: raw && raw.length <= shownBytes ? showBody(raw) : null,
  };
}

function showBody(raw: Buffer): unknown {
  try {
    return maskBody(JSON.parse(raw.toString("utf8")));
  } catch {
    // No JSON, or nested beyond what can be read: there is no structure to show.
    return null;
  }
}

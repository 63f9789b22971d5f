import type { Static } from "typebox";
import type { Cursors } from "../../foundation/crypto/index.ts";
import type { Db } from "../../foundation/database/index.ts";
import type { UserCaller } from "../access/index.ts";
import { listDeliveries as findPage, type ListedDelivery } from "./deliveries.queries.ts";
import type { deliveryListSchema, deliverySchema } from "./schemas.ts";
import type { Outcome } from "./tables.ts";

/**
 * A page of the inbox, newest first. The cursor is bound to the filter and the caller.
 *
 * @throws invalid-request when the cursor was made for another list
 */
export async function listDeliveries(
  deps: { db: Db; cursors: Cursors },
  caller: UserCaller,
  input: { outcome?: Outcome; limit: number; last_evaluated_key?: string },
): Promise<Static<typeof deliveryListSchema>> {
  const { outcome, limit, last_evaluated_key: cursor } = input;
  const scope = ["inbox", caller.userId, outcome ?? null];
  type Place = { receivedAt: string; deliveryId: string };
  const after = cursor === undefined ? undefined : deps.cursors.decode<Place>(cursor, scope, "last_evaluated_key");
  const rows = await findPage(deps.db, { outcome, limit: limit + 1, after });
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return {
    deliveries: page.map(presentDelivery),
    last_evaluated_key: last
      ? deps.cursors.encode({ receivedAt: last.place, deliveryId: last.delivery_id } satisfies Place, scope)
      : null,
  };
}

/** A delivery without its body. */
export function presentDelivery(row: Omit<ListedDelivery, "place">): Static<typeof deliverySchema> {
  return {
    delivery_id: row.delivery_id,
    provider: row.provider,
    received_at: row.received_at.toISOString(),
    signature: row.signature,
    kind: row.kind,
    outcome: row.outcome,
    detail: row.detail,
    provider_session_id: row.provider_session_id,
    session_id: row.session_id,
    user_id: row.user_id,
    applied_at: row.applied_at?.toISOString() ?? null,
    repeats: row.repeats,
    last_received_at: row.last_received_at.toISOString(),
    content_sha256: row.content_hash.toString("hex"),
  };
}

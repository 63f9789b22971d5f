import { randomBytes, randomUUID } from "node:crypto";
import type { BridgeStore } from "./bridge-store.ts";
import type { Delivery } from "./customer.ts";

/** Something that happened to an object. */
export type Happening = {
  category: "customer" | "kyc_link";
  mutation: "created" | "updated" | "updated.status_transitioned" | "deleted";
  object: Record<string, unknown>;
  changes: Record<string, [before: unknown, after: unknown]>;
  /** Milliseconds since 1970. */
  at: number;
};

/** How an event is bent, to play what integrators have seen. */
export type EventForm = {
  /** The type without its category. */
  bareEventType?: boolean;
  withoutSequence?: boolean;
  withoutCustomerId?: boolean;
  /** ISO 8601; for playing late and reordered events. */
  eventCreatedAt?: string;
};

/** Keeps an event for each active endpoint that wants its category; the courier sends them. */
export function tellEvent(
  { store, clock }: { store: BridgeStore; clock: { now(): Date } },
  happening: Happening,
  form: EventForm = {},
): Delivery[] {
  const body = JSON.stringify(envelope(store.nextSequence(), happening, form));
  const wanting = store.endpoints
    .list()
    .filter(({ status, categories }) => status === "active" && categories.includes(happening.category));
  return wanting.map((endpoint) => {
    const delivery: Delivery = {
      id: randomUUID(),
      endpointId: endpoint.id,
      objectId: String(happening.object.id),
      kind: `${happening.category}.${happening.mutation}`,
      body,
      createdAt: clock.now().getTime(),
      state: "pending",
      tries: [],
      nextTryAt: null,
    };
    store.deliveries.save(delivery);
    return delivery;
  });
}

/** The envelope of every event (Bridge, "Event Structure"), with a field that no page documents. */
function envelope(sequence: number, happening: Happening, form: EventForm) {
  const { category, mutation, object, changes, at } = happening;
  return {
    api_version: "v0",
    event_id: `wh_${randomBytes(12).toString("base64url")}`,
    ...(form.withoutSequence ? {} : { event_sequence: sequence }),
    event_developer_id: "00000000-0000-4000-8000-0000000000d1",
    event_category: category,
    event_type: form.bareEventType ? mutation : `${category}.${mutation}`,
    event_object_id: object.id,
    event_object_status: object.status ?? object.kyc_status ?? null,
    event_object: form.withoutCustomerId ? { ...object, customer_id: null } : object,
    event_object_changes: changes,
    event_created_at: form.eventCreatedAt ?? new Date(at).toISOString(),
    unannounced_root_field: true,
  };
}

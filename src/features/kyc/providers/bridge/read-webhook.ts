import type { WebhookContent, WebhookSubject } from "../../port.ts";
import { type Fields, fieldsOf, parseBody, textOf } from "../read-fields.ts";
import { readStanding } from "./read-customer.ts";

/** What happened to the object; an event's type is one of them, bare or behind its category. */
const mutations = ["created", "updated", "updated.status_transitioned", "deleted", "canceled"] as const;

const nobody: WebhookSubject = { providerSessionId: null, hint: null };

/**
 * Reads an event whose signature holds. `customer` and `kyc_link` events tell where a person stands; those of any other
 * category (transfers, accounts, cards) are kept as unknown. Fields that we do not know are left alone, and of those we
 * know all but the object's id and status may be absent.
 *
 * Source: Bridge's "Event Structure".
 */
export function readBridgeWebhook(body: Buffer): WebhookContent {
  const parsed = parseBody(body);
  if ("why" in parsed) return { kind: "unreadable", subject: nobody, why: parsed.why };
  const root = fieldsOf(parsed.value);
  if (!root) return { kind: "unreadable", subject: nobody, why: "The body is JSON, but no object." };
  const eventId = textOf(root.event_id, 200);
  return { ...readEvent(root), ...(eventId === null ? {} : { eventId }) };
}

/** Whether a body has Bridge's envelope. */
export function isShapedLikeBridge(body: Buffer): boolean {
  const parsed = parseBody(body);
  const root = "value" in parsed ? fieldsOf(parsed.value) : undefined;
  return root?.event_type !== undefined && root.event_object !== undefined;
}

function readEvent(root: Fields): WebhookContent {
  const object = fieldsOf(root.event_object) ?? {};
  const { category, mutation } = readType(root);
  const subject = readSubject(category, root, object);
  const why = findContradiction(category, root, object);
  if (why) return { kind: "contradictory", subject, why };
  if (category !== "customer" && category !== "kyc_link")
    return { kind: "unknown", subject, why: "Events of this category are not read by this version." };
  if (subject.providerSessionId === null) return { kind: "unknown", subject, why: "The event names no customer." };
  if (mutation === undefined || mutation === "deleted" || mutation === "canceled")
    return { kind: "unknown", subject, why: "What happened to the object is nothing that this version acts on." };
  const status = statusOf(category, object) ?? root.event_object_status;
  const times = [root.event_created_at, object.updated_at];
  return readStanding(object, { subject, status, times, remarks: readTerms(root) });
}

/** `customer.updated` and the bare `updated` are both seen; the category then stands in its own field. */
function readType(root: Fields): { category: string | undefined; mutation: string | undefined } {
  const type = textOf(root.event_type, 120) ?? "";
  const named = textOf(root.event_category, 60);
  const category = named ?? ["customer", "kyc_link"].find((one) => type.startsWith(`${one}.`));
  const bare = category !== undefined && type.startsWith(`${category}.`) ? type.slice(category.length + 1) : type;
  return { category, mutation: mutations.find((one) => one === bare) };
}

/** A link names its customer in a field of its own, which is null until the person has begun: it is then known by its own id. */
function readSubject(category: string | undefined, root: Fields, object: Fields): WebhookSubject {
  const own = textOf(object.id, 200) ?? textOf(root.event_object_id, 200);
  const hint = textOf(object.client_reference_id, 256);
  if (category === "customer") return { providerSessionId: own, hint };
  const customer = textOf(object.customer_id, 200);
  if (category !== "kyc_link") return { providerSessionId: customer, hint: null };
  if (customer === null || own === null) return { providerSessionId: customer ?? own, hint };
  return { providerSessionId: customer, alsoKnownAs: own, hint };
}

function statusOf(category: string, object: Fields): unknown {
  return category === "customer" ? object.status : object.kyc_status;
}

/** The envelope repeats the object's id and status: where they differ, nobody can tell which one is true. */
function findContradiction(category: string | undefined, root: Fields, object: Fields): string | undefined {
  const differ = (a: unknown, b: unknown) => typeof a === "string" && typeof b === "string" && a !== b;
  if (differ(root.event_object_id, object.id)) return "The event and its object bear different ids.";
  const type = textOf(root.event_type, 120) ?? "";
  const other = ["customer", "kyc_link"].find((one) => one !== category && type.startsWith(`${one}.`));
  if (other !== undefined) return "The event's type belongs to another category than the event's own.";
  if (category !== "customer" && category !== "kyc_link") return undefined;
  return differ(root.event_object_status, statusOf(category, object))
    ? "The event and its object bear different statuses."
    : undefined;
}

function readTerms(root: Fields): string[] {
  const change = fieldsOf(root.event_object_changes)?.tos_status;
  return Array.isArray(change) && change[1] === "approved" ? ["The person accepted the terms of service."] : [];
}

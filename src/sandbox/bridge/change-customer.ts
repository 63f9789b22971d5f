import { randomBytes, randomUUID } from "node:crypto";
import type { BridgeStore } from "./bridge-store.ts";
import type { Customer, Delivery, Given, KycLink } from "./customer.ts";
import { customerObject, linkObject } from "./object-views.ts";
import { type EventForm, type Happening, tellEvent } from "./tell-event.ts";

/** What changes of the double's world need. */
export type WorldDeps = { store: BridgeStore; clock: { now(): Date }; publicUrl: () => string };

/** A change of status, with what a reviewer may add. */
export type StatusChange = {
  status: string;
  reason?: { developer_reason: string; reason: string };
  form?: EventForm & { as?: "customer" | "kyc_link" };
};

const newToken = () => randomBytes(24).toString("base64url");

/** Makes a customer, and the event of it. Without a list, Bridge takes `base` and `sepa` to be asked for. */
export function makeCustomer(deps: WorldDeps, given: Given): { customer: Customer; deliveries: Delivery[] } {
  const now = deps.clock.now().getTime();
  const asked = Array.isArray(given.endorsements) ? (given.endorsements as string[]) : ["base", "sepa"];
  const customer: Customer = {
    id: `cust_${randomUUID()}`,
    token: newToken(),
    createdAt: now,
    updatedAt: now,
    status: "not_started",
    given,
    hasAcceptedTerms: given.signed_agreement_id !== undefined,
    endorsements: asked,
    rejectionReasons: [],
    isDeleted: false,
  };
  deps.store.customers.save(customer);
  return { customer, deliveries: tellOf(deps, customer, "created", {}) };
}

/** Makes a KYC link, and the event of it. */
export function makeLink(deps: WorldDeps, given: Given): { link: KycLink; deliveries: Delivery[] } {
  const now = deps.clock.now().getTime();
  const link: KycLink = {
    id: randomUUID(),
    token: newToken(),
    createdAt: now,
    updatedAt: now,
    given,
    tosStatus: "pending",
    customerId: null,
  };
  deps.store.links.save(link);
  return { link, deliveries: tellOfLink(deps, link, "created", {}) };
}

/** The customer of a link, made now if the person only begins. */
export function beginLink(deps: WorldDeps, link: KycLink): { customer: Customer; deliveries: Delivery[] } {
  const known = link.customerId === null ? undefined : deps.store.customers.find(link.customerId);
  if (known) return { customer: known, deliveries: [] };
  const [first_name = "", ...others] = String(link.given.full_name ?? "").split(" ");
  const given = { type: link.given.type, email: link.given.email, first_name, last_name: others.join(" ") };
  const { email } = link.given;
  const same = deps.store.customers.list().find((one) => one.given.email === email && !one.isDeleted);
  const { customer, deliveries } = same ? { customer: same, deliveries: [] } : makeCustomer(deps, given);
  link.customerId = customer.id;
  touch(deps, link);
  deps.store.links.save(link);
  return {
    customer,
    deliveries: [...deliveries, ...tellOfLink(deps, link, "updated", { customer_id: [null, customer.id] })],
  };
}

/** Changes a customer's status, and tells of it, also by the customer's KYC link where there is one. */
export function changeStatus(deps: WorldDeps, customer: Customer, change: StatusChange): Delivery[] {
  const before = customer.status;
  const { as, ...form } = change.form ?? {};
  const isLate = form.eventCreatedAt !== undefined && Date.parse(form.eventCreatedAt) < customer.updatedAt;
  const shown: Customer = { ...customer, status: change.status };
  touch(deps, shown);
  if (change.reason) {
    const created_at = form.eventCreatedAt ?? new Date(shown.updatedAt).toISOString();
    shown.rejectionReasons = [{ ...change.reason, created_at }, ...customer.rejectionReasons];
  }
  // A late event tells of what was; the customer stays what it is.
  if (!isLate) deps.store.customers.save(Object.assign(customer, shown));
  const changes = { status: [before, change.status] } as Happening["changes"];
  const mutation = before === change.status ? "updated" : "updated.status_transitioned";
  const link = deps.store.links.list().find(({ customerId }) => customerId === customer.id);
  return [
    ...(as === "kyc_link" && link ? [] : tellOf(deps, shown, mutation, changes, form)),
    ...(as !== "customer" && link ? tellOfLink(deps, link, mutation, changes, form, shown) : []),
  ];
}

/** The person accepts the terms; gives the id of the signed agreement. */
export function acceptTerms(deps: WorldDeps, { customer, link }: { customer?: Customer; link?: KycLink }) {
  const deliveries: Delivery[] = [];
  if (link && link.tosStatus === "pending") {
    link.tosStatus = "approved";
    touch(deps, link);
    deps.store.links.save(link);
    const changes = { tos_status: ["pending", "approved"] } as Happening["changes"];
    deliveries.push(...tellOfLink(deps, link, "updated.status_transitioned", changes));
  }
  if (customer && !customer.hasAcceptedTerms) {
    customer.hasAcceptedTerms = true;
    touch(deps, customer);
    deps.store.customers.save(customer);
    deliveries.push(...tellOf(deps, customer, "updated", { has_accepted_terms_of_service: [false, true] }));
  }
  return { signedAgreementId: randomUUID(), deliveries };
}

/** Moves an object's time on, by a millisecond at least. */
function touch({ clock }: WorldDeps, thing: { updatedAt: number }): void {
  thing.updatedAt = Math.max(clock.now().getTime(), thing.updatedAt + 1);
}

function tellOf(
  deps: WorldDeps,
  customer: Customer,
  mutation: Happening["mutation"],
  changes: Happening["changes"],
  form?: EventForm,
): Delivery[] {
  const object = customerObject(customer);
  return tellEvent(deps, { category: "customer", mutation, object, changes, at: customer.updatedAt }, form);
}

function tellOfLink(
  deps: WorldDeps,
  link: KycLink,
  mutation: Happening["mutation"],
  changes: Happening["changes"],
  form?: EventForm,
  shown?: Customer,
): Delivery[] {
  const customer = shown ?? (link.customerId === null ? undefined : deps.store.customers.find(link.customerId));
  const object = linkObject(deps.publicUrl(), link, customer);
  const at = Math.max(link.updatedAt, customer?.updatedAt ?? 0);
  return tellEvent(deps, { category: "kyc_link", mutation, object, changes, at }, form);
}

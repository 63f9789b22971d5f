import type { FieldErrors } from "../../../../foundation/errors/index.ts";
import { IntroductionExpired, providerUnavailable, verificationDataRefused } from "../../errors.ts";
import type { Introduction, WebhookContent } from "../../port.ts";
import { type Fields, fieldsOf, textOf } from "../read-fields.ts";
import { type BridgeDeps, callBridge } from "./call-bridge.ts";
import { readCustomer } from "./read-customer.ts";

/** A customer as far as we use it. */
export type BridgeCustomer = { id: string; status: string };

/** For so long Bridge knows a key; a little less, for the time on the way. */
const keyCountsMilliseconds = (24 * 60 - 10) * 60_000;

/** Pages of a hundred: more customers than come in the days in which somebody comes back. */
const mostPages = 200;

/** Clocks differ: a customer may seem a little older than our first word of it. */
const clockMilliseconds = 10 * 60_000;

/**
 * POST /v0/customers, with the key and the bytes of the introduction. Where the key is too old to count, or the record is
 * said to be there, the customer is looked up in place of being made a second time.
 *
 * @throws IntroductionExpired, verification-data-refused, verification-provider-unavailable
 */
export async function createCustomer(
  deps: BridgeDeps,
  userId: string,
  introduction: Introduction,
): Promise<BridgeCustomer> {
  const age = deps.clock.now().getTime() - introduction.firstSentAt.getTime();
  if (age > keyCountsMilliseconds) return findOrExpire(deps, userId, introduction);
  const { idempotencyKey, body } = introduction;
  const answer = await callBridge(deps, { method: "POST", path: "/customers", idempotencyKey, body });
  if (answer.kind === "answer") return requireCustomer(deps, answer.json);
  const { problem } = answer;
  if (problem.isAboutKey || problem.code === "duplicate_record") return findOrExpire(deps, userId, introduction);
  throw verificationDataRefused({ errors: nameFields(problem.fields) });
}

async function findOrExpire(deps: BridgeDeps, userId: string, introduction: Introduction): Promise<BridgeCustomer> {
  const found = await findCustomer(deps, userId, introduction);
  if (!found) throw new IntroductionExpired("Bridge knows neither the key nor the person any more.");
  return found;
}

/**
 * Looks through the customers, newest first, for the one with our user id. It cannot be older than our first word of it.
 *
 * @throws verification-provider-unavailable
 */
async function findCustomer(
  deps: BridgeDeps,
  userId: string,
  { firstSentAt }: Introduction,
): Promise<BridgeCustomer | undefined> {
  const oldest = firstSentAt.getTime() - clockMilliseconds;
  let after = "";
  for (let pages = 0; pages < mostPages; pages += 1) {
    const answer = await callBridge(deps, { method: "GET", path: `/customers?limit=100${after}` });
    const data = answer.kind === "answer" ? fieldsOf(answer.json)?.data : undefined;
    const page = Array.isArray(data) ? data.map((one: unknown) => fieldsOf(one) ?? {}) : [];
    const ours = page.find((customer) => customer.client_reference_id === userId);
    if (ours) return requireCustomer(deps, ours);
    const last = page.at(-1);
    const lastId = textOf(last?.id, 200);
    const isPast = Date.parse(textOf(last?.created_at, 60) ?? "") < oldest;
    if (lastId === null || isPast) return undefined;
    after = `&starting_after=${encodeURIComponent(lastId)}`;
  }
  deps.log.error("the verification provider has too many customers to look one up", { provider: "bridge" });
  throw providerUnavailable();
}

function requireCustomer({ log }: BridgeDeps, json: unknown): BridgeCustomer {
  const customer = fieldsOf(json);
  const id = textOf(customer?.id, 200);
  if (id === null) {
    log.error("the verification provider made a customer without an id", { provider: "bridge" });
    throw providerUnavailable();
  }
  return { id, status: textOf(customer?.status, 60) ?? "not_started" };
}

/** GET /v0/customers/{id}, in our words; undefined where Bridge does not know it. @throws verification-provider-unavailable */
export async function fetchCustomer(deps: BridgeDeps, id: string): Promise<WebhookContent | undefined> {
  const answer = await callBridge(deps, { method: "GET", path: `/customers/${encodeURIComponent(id)}` });
  if (answer.kind === "answer") return readCustomer(fieldsOf(answer.json) ?? ({} as Fields));
  if (answer.status === 404) return undefined;
  throw providerUnavailable();
}

/** Fields that bear another name with us. */
const ownNames: Record<string, string> = { birth_date: "date_of_birth", phone: "phone_number" };

function nameFields(fields: readonly string[]): FieldErrors {
  const names = fields.map((field) => ownNames[field] ?? (field.startsWith("residential_address") ? "address" : field));
  return Object.fromEntries(names.map((name) => [name, ["is missing or not accepted by the verification provider"]]));
}

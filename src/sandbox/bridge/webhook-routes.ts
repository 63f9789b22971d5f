import { randomBytes } from "node:crypto";
import type { ApiAnswer, ApiCall, ApiDeps, ApiEndpoint } from "./api-endpoint.ts";
import { badFields, failures } from "./api-errors.ts";
import type { Delivery, Endpoint } from "./customer.ts";
import { pageOf } from "./page-of.ts";
import { isGiven } from "./read-customer-request.ts";
import { newKeyPair } from "./signature.ts";

const shownEvents = 10;

/** Webhook endpoints: each is made disabled, with a key pair of its own (Bridge, "Configure webhooks"). */
export function answerWebhooks(deps: ApiDeps): ApiEndpoint[] {
  const { store, courier } = deps;
  const found = (answer: (endpoint: Endpoint, call: ApiCall) => ApiAnswer) => (call: ApiCall) => {
    const endpoint = store.endpoints.find(call.params.id ?? "");
    return endpoint && endpoint.status !== "deleted" ? answer(endpoint, call) : failures.notFound;
  };
  const deliveriesOf = ({ id }: Endpoint) => store.deliveries.list().filter(({ endpointId }) => endpointId === id);
  return [
    {
      method: "GET",
      path: "/webhooks",
      answer: ({ query }) =>
        pageOf(
          store.endpoints.list().filter(({ status }) => status !== "deleted"),
          query,
          showEndpoint,
        ),
    },
    {
      method: "POST",
      path: "/webhooks",
      answer: ({ body }) => {
        const problem = findProblem(deps, body);
        if (problem || !isGiven(body)) return badFields(problem ?? {});
        const endpoint = makeEndpoint(deps, { url: String(body.url), categories: body.event_categories as string[] });
        return { status: 201, body: showEndpoint(endpoint) };
      },
    },
    { method: "PUT", path: "/webhooks/:id", answer: found((endpoint, call) => putEndpoint(deps, endpoint, call)) },
    {
      method: "DELETE",
      path: "/webhooks/:id",
      answer: found((endpoint) => {
        store.endpoints.save(Object.assign(endpoint, { status: "deleted" }));
        return { status: 200, body: showEndpoint(endpoint) };
      }),
    },
    {
      method: "GET",
      path: "/webhooks/:id/events",
      answer: found((endpoint) => {
        const next = deliveriesOf(endpoint)
          .filter(({ state }) => state === "pending")
          .reverse()
          .slice(0, shownEvents);
        return { status: 200, body: { data: next.map(({ body }) => JSON.parse(body)) } };
      }),
    },
    {
      method: "GET",
      path: "/webhooks/:id/logs",
      answer: found((endpoint, { query }) => pageOf(deliveriesOf(endpoint), query, showLog)),
    },
    {
      method: "POST",
      path: "/webhooks/:id/send",
      answer: found((endpoint, { body }) => {
        const wanted = isGiven(body) ? body.event_id : undefined;
        const delivery = deliveriesOf(endpoint).find((one) => eventIdOf(one) === wanted);
        if (!delivery) return badFields({ event_id: "is unknown" });
        return { status: 200, body: { message: "Event sent" }, after: () => courier.resend(delivery) };
      }),
    },
  ];
}

/** Makes an endpoint, disabled. */
export function makeEndpoint(
  { store, clock }: Pick<ApiDeps, "store" | "clock">,
  { url, categories, id }: { url: string; categories: string[]; id?: string },
): Endpoint {
  const now = clock.now().getTime();
  const endpoint: Endpoint = {
    id: id ?? `wep_${randomBytes(12).toString("base64url")}`,
    url,
    status: "disabled",
    categories,
    ...newKeyPair(),
    createdAt: now,
    updatedAt: now,
  };
  store.endpoints.save(endpoint);
  return endpoint;
}

function putEndpoint(deps: ApiDeps, endpoint: Endpoint, { body }: ApiCall): ApiAnswer {
  const {
    url = endpoint.url,
    status = endpoint.status,
    event_categories = endpoint.categories,
  } = isGiven(body) ? body : {};
  const problem = findProblem(deps, { url, event_categories, event_epoch: "webhook_creation" });
  if (problem) return badFields(problem);
  if (status !== "active" && status !== "disabled") return badFields({ status: "must be active or disabled" });
  if (url !== endpoint.url && endpoint.status !== "disabled")
    return badFields({ url: "can be changed only while the webhook is disabled" });
  const updatedAt = deps.clock.now().getTime();
  deps.store.endpoints.save(Object.assign(endpoint, { url, status, categories: event_categories, updatedAt }));
  return { status: 200, body: showEndpoint(endpoint) };
}

function findProblem({ allowHttpWebhooks }: ApiDeps, body: unknown): Record<string, string> | undefined {
  if (!isGiven(body)) return { body: "must be a JSON object" };
  const protocol = URL.parse(String(body.url))?.protocol;
  if (protocol !== "https:" && !(allowHttpWebhooks && protocol === "http:")) return { url: "must be an https URL" };
  const { event_categories: categories, event_epoch: epoch } = body;
  if (!Array.isArray(categories) || !categories.every((one) => typeof one === "string"))
    return { event_categories: "must be a list of categories" };
  if (epoch !== "webhook_creation" && epoch !== "beginning_of_time")
    return { event_epoch: "must be webhook_creation or beginning_of_time" };
  return undefined;
}

function showEndpoint(endpoint: Endpoint) {
  return {
    id: endpoint.id,
    url: endpoint.url,
    status: endpoint.status,
    event_categories: endpoint.categories,
    public_key: endpoint.publicKey,
    created_at: new Date(endpoint.createdAt).toISOString(),
    updated_at: new Date(endpoint.updatedAt).toISOString(),
  };
}

function showLog(delivery: Delivery) {
  const last = delivery.tries.at(-1);
  return { id: delivery.id, event_id: eventIdOf(delivery), state: delivery.state, status: last?.status ?? null };
}

/** The event's own id, from the body that is sent. */
export function eventIdOf({ body }: Delivery): string {
  return (JSON.parse(body) as { event_id: string }).event_id;
}

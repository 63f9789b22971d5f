import type { FastifyInstance } from "fastify";
import { registerWeatherRoutes, type Weather } from "../weather/index.ts";
import type { ApiSettings } from "./api-endpoint.ts";
import type { WorldDeps } from "./change-customer.ts";
import type { Customer } from "./customer.ts";
import type { Courier } from "./deliver-webhooks.ts";
import { customerObject } from "./object-views.ts";
import { performAction } from "./perform-action.ts";
import { isGiven } from "./read-customer-request.ts";
import { scenarios } from "./scenarios.ts";

type ScriptDeps = WorldDeps & { courier: Courier; settings: ApiSettings; weather: Weather };

/**
 * The double's own JSON calls, for scripts: list customers, play the person and the reviewer, choose how the API answers.
 * Refusals are `{"error": "…"}`. Bridge has nothing like this.
 */
export async function registerScriptRoutes(app: FastifyInstance, deps: ScriptDeps): Promise<void> {
  app.setErrorHandler((error: { statusCode?: number; message: string }, _request, reply) =>
    reply.code(error.statusCode ?? 500).send({ error: error.message }),
  );

  registerWeatherRoutes(app, deps.weather);

  app.get("/sandbox/scenarios", (_request, reply) => reply.send({ scenarios: Object.keys(scenarios) }));

  app.get<{ Querystring: { email?: string } }>("/sandbox/customers", (request, reply) => {
    const { email } = request.query;
    const fits = ({ given }: Customer) => email === undefined || given.email === email;
    const customers = deps.store.customers.list().filter(fits).slice(0, 50);
    return reply.send({ customers: customers.map((customer) => view(deps, customer)) });
  });

  app.post<{ Params: { id: string; action: string } }>("/sandbox/customers/:id/:action", async (request, reply) => {
    const { id, action } = request.params;
    const customer = deps.store.customers.find(id);
    if (!customer) return reply.code(404).send({ error: "No customer has this id; GET /sandbox/customers lists them" });
    const performed = await performAction(deps, customer, { action, body: request.body });
    if ("problem" in performed) return reply.code(performed.httpStatus).send({ error: performed.problem });
    const delivered = performed.delivered.map(({ kind, tries }) => ({ kind, status: tries.at(-1)?.status ?? null }));
    return reply.send({ delivered, customer: view(deps, customer) });
  });

  app.get("/sandbox/settings", (_request, reply) => reply.send(deps.settings));
  app.put("/sandbox/settings", (request, reply) => {
    const { tosShape = deps.settings.tosShape, customerLinks = deps.settings.customerLinks } = isGiven(request.body)
      ? request.body
      : {};
    if ((tosShape !== "a" && tosShape !== "b") || typeof customerLinks !== "boolean")
      return reply.code(400).send({ error: 'tosShape must be "a" or "b", customerLinks true or false' });
    return reply.send(Object.assign(deps.settings, { tosShape, customerLinks }));
  });
}

function view({ store, publicUrl }: ScriptDeps, customer: Customer) {
  const sent = store.deliveries.list().filter(({ objectId }) => objectId === customer.id);
  return {
    ...customerObject(customer),
    given: customer.given,
    page: `${publicUrl()}/verify/${customer.token}`,
    deliveries: sent.map(({ kind, state, tries }) => ({ kind, state, status: tries.at(-1)?.status ?? null })),
  };
}

import type { FastifyInstance } from "fastify";
import { registerWeatherRoutes, type Weather } from "../weather/index.ts";
import type { Courier } from "./deliver-webhooks.ts";
import { performAction } from "./perform-action.ts";
import { scenarios } from "./scenarios.ts";
import type { SessionStore } from "./session-store.ts";
import { lastStatus, viewSession } from "./session-view.ts";

type ScriptDeps = {
  store: SessionStore;
  courier: Courier;
  clock: { now(): Date };
  publicUrl: () => string;
  weather: Weather;
};

/**
 * The double's own JSON calls, for scripts: list sessions, and play the person and the reviewer. Refusals are
 * `{"error": "…"}`. Veriff has nothing like this.
 */
export async function registerScriptRoutes(app: FastifyInstance, deps: ScriptDeps): Promise<void> {
  app.setErrorHandler((error: { statusCode?: number; message: string }, _request, reply) =>
    reply.code(error.statusCode ?? 500).send({ error: error.message }),
  );

  registerWeatherRoutes(app, deps.weather);

  app.get<{ Querystring: { vendorData?: string } }>("/sandbox/sessions", (request, reply) => {
    const { vendorData } = request.query;
    const sessions = deps.store.listSessions({ vendorData });
    return reply.send({ sessions: sessions.map((session) => viewSession(deps.publicUrl(), session)) });
  });

  app.get("/sandbox/scenarios", (_request, reply) => reply.send({ scenarios: Object.keys(scenarios) }));

  app.post<{ Params: { id: string; action: string } }>("/sandbox/sessions/:id/:action", async (request, reply) => {
    const { id, action } = request.params;
    const session = deps.store.findSession(id);
    if (!session) return reply.code(404).send({ error: "No session has this id; GET /sandbox/sessions lists them" });
    const performed = await performAction(deps, session, { action, body: request.body });
    if ("problem" in performed) return reply.code(performed.httpStatus).send({ error: performed.problem });
    const delivered = performed.delivered.map((delivery) => ({ kind: delivery.kind, status: lastStatus(delivery) }));
    return reply.send({ delivered, session: viewSession(deps.publicUrl(), session) });
  });
}

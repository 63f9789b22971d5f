import { timingSafeEqual } from "node:crypto";
import Fastify, { type FastifyInstance } from "fastify";
import { collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { notFound, unauthenticated } from "../../foundation/errors/common.ts";

/** Figures in Prometheus' text format: requests by route pattern, and the process's own. */
export type Metrics = {
  observe(app: FastifyInstance): void;
  /** Tells of outside parties what this process knows of them at the moment of the scrape. */
  watchProviders(list: () => ProviderFigures[]): void;
  text(): Promise<string>;
  contentType: string;
};

/** What there is to tell of one outside party; `counts` since the start of this process. */
export type ProviderFigures = {
  name: string;
  state: "closed" | "half-open" | "open";
  counts: Record<string, number>;
};

/** Makes the registry of one process. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const durations = new Histogram({
    name: "usher_http_request_duration_seconds",
    help: "Time to answer, by route pattern and status",
    labelNames: ["method", "route", "status"] as const,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  });
  return {
    observe: (app) => {
      const seriesOf = createSeries(durations);
      app.addHook("onResponse", (request, reply, done) => {
        const { url = "(none)" } = request.routeOptions;
        seriesOf(request.method, url, reply.statusCode).observe(reply.elapsedTime / 1000);
        done();
      });
    },
    watchProviders: (list) => watchProviders(registry, list),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

/** Finds a series again without writing its labels out: this is asked for every answer of the gate. */
function createSeries(durations: Histogram<"method" | "route" | "status">) {
  type Series = ReturnType<typeof durations.labels>;
  const known = new Map<string, Map<string, Map<number, Series>>>();
  return (method: string, route: string, status: number): Series => {
    const ofRoute = entryOf(known, route, () => new Map<string, Map<number, Series>>());
    const ofMethod = entryOf(ofRoute, method, () => new Map<number, Series>());
    return entryOf(ofMethod, status, () => durations.labels({ method, route, status }));
  };
}

function entryOf<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

const breakerStates = { closed: 0, "half-open": 1, open: 2 };

function watchProviders(registry: Registry, list: () => ProviderFigures[]): void {
  new Gauge({
    name: "usher_provider_breaker_state",
    help: "Circuit breaker of an outside party: 0 closed, 1 half-open, 2 open",
    labelNames: ["provider"],
    registers: [registry],
    collect() {
      for (const { name, state } of list()) this.set({ provider: name }, breakerStates[state]);
    },
  });
  new Gauge({
    name: "usher_reconciled_sessions",
    help: "Sessions that a provider was asked about since the start of this process, by what it came to",
    labelNames: ["provider", "result"],
    registers: [registry],
    collect() {
      for (const { name, counts } of list())
        for (const [result, count] of Object.entries(counts)) this.set({ provider: name, result }, count);
    },
  });
}

/**
 * `/metrics` on the main port: behind the Bearer token where one is set, open in sandbox mode, otherwise not there.
 */
export function serveMetrics(
  app: FastifyInstance,
  metrics: Metrics,
  options: { token: string | undefined; open: boolean },
): void {
  app.get("/metrics", { config: { delegated: "probe" } }, async (request, reply) => {
    if (options.token === undefined && !options.open) throw notFound();
    if (options.token !== undefined && !sameText(request.headers.authorization ?? "", `Bearer ${options.token}`))
      throw unauthenticated();
    return reply.type(metrics.contentType).send(await metrics.text());
  });
}

function sameText(given: string, expected: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** `/metrics` on a port of its own, for a scraper inside the network. */
export async function listenForMetrics(
  metrics: Metrics,
  address: { host: string; port: number },
): Promise<FastifyInstance> {
  const app = Fastify();
  app.get("/metrics", async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()));
  await app.listen(address);
  return app;
}

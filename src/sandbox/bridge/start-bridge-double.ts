import { openServer } from "../open-server.ts";
import { createWeather, meetRequests, type WeatherSettings } from "../weather/index.ts";
import type { ApiDeps } from "./api-endpoint.ts";
import { registerApiRoutes } from "./api-routes.ts";
import { openBridgeStore } from "./bridge-store.ts";
import { openCourier } from "./deliver-webhooks.ts";
import { registerPageRoutes } from "./page-routes.ts";
import { registerScriptRoutes } from "./script-routes.ts";
import { makeEndpoint } from "./webhook-routes.ts";

/** How the Bridge double is set up. */
export type BridgeDoubleOptions = {
  /** 0 takes any free port. */
  port: number;
  host: string;
  /** How browsers reach the hosted pages; the listening address when unset. */
  publicUrl?: string;
  /** The one key that is taken; when unset one is made, and kept in the state file. */
  apiKey?: string;
  /** An endpoint that is there and active from the start; more come by POST /v0/webhooks. */
  webhookUrl?: string;
  /** Keeps everything, unfinished webhooks too, across restarts. */
  stateFile?: string;
  clock?: { now(): Date };
  /** Waits before each repeat of a webhook; 1, 5, 15 and 60 seconds when unset. */
  retryAfterSeconds?: readonly number[];
  /** A receiver that has not answered by then counts as failed; 10 when unset. */
  webhookTimeoutSeconds?: number;
  /** What goes wrong at the start; a clear sky when unset. It can be changed while the double runs. */
  weather?: Partial<WeatherSettings>;
};

/** A running double. */
export type BridgeDouble = {
  url: string;
  apiKey: string;
  /** Of the endpoint that is there from the start, in PEM. */
  publicKeys: readonly string[];
  close(): Promise<void>;
};

const firstEndpoint = "wep_sandbox";

/**
 * Starts the double of Bridge: its API under /v0, the hosted pages under /verify and /accept-terms-of-service, the list
 * at /, and a JSON API for scripts under /sandbox. For sandbox mode and tests only.
 *
 * @throws the listening error, for example EADDRINUSE, after everything opened is closed again.
 */
export async function startBridgeDouble(options: BridgeDoubleOptions): Promise<BridgeDouble> {
  const { clock = { now: () => new Date() }, webhookUrl } = options;
  const store = openBridgeStore(options.stateFile, options.apiKey);
  const weather = createWeather(options.weather);
  const courier = openCourier({ store, clock, weather }, options);
  const app = openServer({ bodyBytes: 1024 * 1024 });
  async function close() {
    courier.close();
    await app.close();
    store.close();
  }
  let url = "";
  const publicUrl = () => options.publicUrl?.replace(/\/+$/, "") ?? url;
  const settings = { tosShape: "a", customerLinks: true } as const;
  const deps = {
    ...options,
    clock,
    store,
    courier,
    publicUrl,
    settings: { ...settings },
    weather,
    allowHttpWebhooks: true,
  };
  const endpoint = webhookUrl === undefined ? undefined : openFirstEndpoint({ store, clock }, webhookUrl);
  try {
    await app.register(
      async (room) => {
        meetRequests(room, weather);
        await registerApiRoutes(room, deps);
      },
      { prefix: "/v0" },
    );
    await app.register((room) => registerScriptRoutes(room, deps));
    await app.register((room) => registerPageRoutes(room, deps));
    url = await app.listen({ port: options.port, host: options.host });
  } catch (error) {
    await close();
    throw error;
  }
  courier.resume();
  return { url, apiKey: store.apiKey, publicKeys: endpoint ? [endpoint.publicKey] : [], close };
}

/** Its key outlives a restart; its address is that of the present start. */
function openFirstEndpoint(deps: Pick<ApiDeps, "store" | "clock">, url: string) {
  const { endpoints } = deps.store;
  const categories = ["customer", "kyc_link"];
  const endpoint = endpoints.find(firstEndpoint) ?? makeEndpoint(deps, { id: firstEndpoint, url, categories });
  endpoints.save(Object.assign(endpoint, { url, status: "active" }));
  return endpoint;
}

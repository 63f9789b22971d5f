import { openServer } from "../open-server.ts";
import { createWeather, meetRequests, type WeatherSettings } from "../weather/index.ts";
import { registerApiRoutes } from "./api-routes.ts";
import { openCourier } from "./deliver-webhooks.ts";
import { registerPageRoutes } from "./page-routes.ts";
import { playScenarioOfName } from "./play-scenario-of-name.ts";
import { registerScriptRoutes } from "./script-routes.ts";
import { openSessionStore } from "./session-store.ts";

/** How the Veriff double is set up. */
export type VeriffDoubleOptions = {
  /** 0 takes any free port. */
  port: number;
  host: string;
  /** How browsers reach the hosted pages; the listening address when unset. */
  publicUrl?: string;
  /** UUID of the one integration this double has. */
  apiKey: string;
  sharedSecret: string;
  /** Where events and decisions go, as set in Veriff's portal. A function is asked at every try. */
  webhookUrl: string | (() => string);
  /** Takes `http:` callbacks too, which Veriff refuses with 1302. */
  allowHttpCallbacks: boolean;
  /** Keeps sessions and unfinished webhooks across restarts. */
  stateFile?: string;
  clock?: { now(): Date };
  /** Waits before each repeat of a webhook; 1, 5, 15 and 60 seconds when unset. */
  retryAfterSeconds?: readonly number[];
  /** A receiver that has not answered by then counts as failed; 10 when unset. */
  webhookTimeoutSeconds?: number;
  /**
   * The first name of the person that a session's `vendorData` stands for, where the client sends no name: so that a
   * name chooses a scenario there, too.
   */
  findFirstName?: (vendorData: string) => Promise<string | undefined>;
  /** What goes wrong at the start; a clear sky when unset. It can be changed while the double runs. */
  weather?: Partial<WeatherSettings>;
};

/**
 * Starts the double of Veriff: its API under /v1, the hosted page of each session under /v, the list at /, and a JSON
 * API for scripts under /sandbox. For sandbox mode and tests only.
 *
 * @throws the listening error, for example EADDRINUSE, after everything opened is closed again.
 */
export async function startVeriffDouble(
  options: VeriffDoubleOptions,
): Promise<{ url: string; close(): Promise<void> }> {
  const { clock = { now: () => new Date() } } = options;
  const store = openSessionStore(options.stateFile);
  const weather = createWeather(options.weather);
  const courier = openCourier({ store, clock, weather }, options);
  const app = openServer({ bodyBytes: 256 * 1024 });
  async function close() {
    courier.close();
    await app.close();
    store.close();
  }
  let url = "";
  const publicUrl = () => options.publicUrl?.replace(/\/+$/, "") ?? url;
  const opened = playScenarioOfName({ courier, clock, findFirstName: options.findFirstName });
  const deps = { ...options, clock, store, courier, publicUrl, weather, opened };
  try {
    await app.register(
      async (room) => {
        meetRequests(room, weather);
        await registerApiRoutes(room, deps);
      },
      { prefix: "/v1" },
    );
    await app.register((room) => registerScriptRoutes(room, deps));
    await app.register((room) => registerPageRoutes(room, deps));
    url = await app.listen({ port: options.port, host: options.host });
  } catch (error) {
    await close();
    throw error;
  }
  courier.resume();
  return { url, close };
}

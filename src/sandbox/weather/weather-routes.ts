import type { FastifyInstance, FastifyReply } from "fastify";
import type { Html } from "../html.ts";
import { presets, readSettings, type WeatherSettings } from "./settings.ts";
import type { Weather } from "./weather.ts";
import { readWeatherForm, weatherContent } from "./weather-page.ts";

/** The weather for scripts: GET tells it, PUT `{…}` changes some settings, PUT with `preset` takes one by its name. */
export function registerWeatherRoutes(app: FastifyInstance, weather: Weather): void {
  const tell = (reply: FastifyReply) =>
    reply.send({ settings: weather.settings(), counts: weather.counts(), presets: Object.keys(presets) });
  app.get("/sandbox/weather", (_request, reply) => tell(reply));
  app.put("/sandbox/weather", (request, reply) => {
    try {
      weather.set(readChange(request.body));
    } catch (error) {
      return reply.code(400).send({ error: (error as Error).message });
    }
    return tell(reply);
  });
}

function readChange(body: unknown): Partial<WeatherSettings> {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new Error('The body must be a JSON object, such as {"duplicate": 0.3} or {"preset": "outage"}.');
  }
  const { preset, ...fields } = body as Record<string, unknown>;
  if (preset === undefined) return readSettings(fields);
  if (typeof preset !== "string" || !Object.hasOwn(presets, preset)) {
    throw new Error(`There is no such preset; known are ${Object.keys(presets).join(", ")}.`);
  }
  return { ...presets[preset], ...readSettings(fields) };
}

/** The weather as a page with a form, shown by the double's own way of sending pages. */
export function registerWeatherPage(
  app: FastifyInstance,
  weather: Weather,
  send: (reply: FastifyReply, httpStatus: number, title: string, content: Html) => FastifyReply,
): void {
  app.get("/weather", (_request, reply) => send(reply, 200, "Weather", weatherContent(weather)));
  app.post("/weather", (request, reply) => {
    try {
      const fields = (request.body ?? {}) as Record<string, unknown>;
      weather.set("preset" in fields ? readChange({ preset: fields.preset }) : readSettings(readWeatherForm(fields)));
    } catch (error) {
      return send(reply, 400, "Weather", weatherContent(weather, (error as Error).message));
    }
    return reply.redirect("/weather", 303);
  });
}

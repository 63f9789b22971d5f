import { createHash } from "node:crypto";
import { clearSky, type WeatherSettings } from "./settings.ts";

/** What happens to one API request. */
export type RequestFate = {
  kind: "served" | "gone" | "too-many-requests" | "server-error" | "garbage";
  delaySeconds: number;
  /** It is carried out, and its answer never arrives. */
  replyDropped: boolean;
};

/** What happens to one webhook on its first try; repeats meet an outage only. */
export type WebhookFate = {
  lost: boolean;
  delaySeconds: number;
  badSignature: boolean;
  duplicated: boolean;
  /** It arrives, and the receiver's answer does not: so it is sent again. */
  answerDropped: boolean;
};

/** What the weather did since it was last set: requests and webhooks met, and each mishap by its name. */
export type WeatherCounts = Record<string, number>;

/** The weather between a double and its clients. */
export type Weather = {
  settings(): WeatherSettings;
  counts(): WeatherCounts;
  /** Changes some settings; the draw begins anew with the first request and webhook. */
  set(changes: Partial<WeatherSettings>): void;
  meetRequest(): RequestFate;
  meetWebhook(): WebhookFate;
  /** Whether nothing can be sent now: asked at repeats. */
  isOut(): boolean;
  /** The webhooks of one action in the order in which they set out. */
  order<Item>(items: readonly Item[]): Item[];
};

/** Makes the weather of one double. What happens is a function of the seed and of how many came before. */
export function createWeather(initial: Partial<WeatherSettings> = {}): Weather {
  let settings: WeatherSettings = { ...clearSky, ...initial };
  let counts: WeatherCounts = {};
  const count = (name: string) => {
    counts[name] = (counts[name] ?? 0) + 1;
    return counts[name];
  };
  /** Whether the nth of its kind is hit: drawn for each mishap apart, so that changing one share changes no other draw. */
  const strikes = (kind: string, nth: number, name: keyof WeatherSettings): boolean => {
    const share = settings[name];
    const hit = typeof share === "number" && draw(settings.seed, kind, nth, name) < share;
    if (hit) count(name);
    return hit;
  };
  const isOut = () => {
    if (settings.outage) count("outage");
    return settings.outage;
  };
  return {
    settings: () => settings,
    counts: () => ({ ...counts }),
    set: (changes) => {
      settings = { ...settings, ...changes };
      counts = {};
    },
    isOut,
    meetRequest: () => {
      const nth = count("requests");
      const hit = (name: keyof WeatherSettings) => strikes("request", nth, name);
      if (isOut()) return { kind: "gone", delaySeconds: 0, replyDropped: false };
      const delaySeconds = hit("delay") ? settings.delaySeconds : 0;
      if (hit("tooManyRequests")) return { kind: "too-many-requests", delaySeconds, replyDropped: false };
      if (hit("serverError")) return { kind: "server-error", delaySeconds, replyDropped: false };
      if (hit("garbage")) return { kind: "garbage", delaySeconds, replyDropped: false };
      return { kind: "served", delaySeconds, replyDropped: hit("dropReply") };
    },
    meetWebhook: () => {
      const nth = count("webhooks");
      const hit = (name: keyof WeatherSettings) => strikes("webhook", nth, name);
      const fate = { lost: false, delaySeconds: 0, badSignature: false, duplicated: false, answerDropped: false };
      if (isOut() || hit("lose")) return { ...fate, lost: true };
      return {
        ...fate,
        delaySeconds: hit("delay") ? settings.delaySeconds : 0,
        badSignature: hit("badSignature"),
        duplicated: hit("duplicate"),
        answerDropped: hit("dropReply"),
      };
    },
    order: (items) => {
      if (items.length < 2 || !strikes("group", count("groups"), "reorder")) return [...items];
      // Turned round: the decision before the events that led to it, the worst order there is.
      return items.toReversed();
    },
  };
}

/** 0 to below 1, the same for the same arguments. */
function draw(...parts: readonly (string | number)[]): number {
  return createHash("sha256").update(JSON.stringify(parts)).digest().readUInt32BE(0) / 2 ** 32;
}

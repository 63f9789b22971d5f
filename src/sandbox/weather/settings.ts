/** What goes wrong, and how often. Shares are 0 (never) to 1 (always), drawn for each request and webhook. */
export type WeatherSettings = {
  /** The same seed makes the nth request and the nth webhook meet the same weather again. */
  seed: string;
  /** Nobody is there: API requests find the connection closed, webhooks are lost for good. */
  outage: boolean;
  /** Share of API requests answered 429, with a `Retry-After` of one second. */
  tooManyRequests: number;
  /** Share of API requests answered 500. */
  serverError: number;
  /** Share of API requests answered 200 with something that is no JSON. */
  garbage: number;
  /** Share of API requests carried out whose answer never arrives, and of webhooks whose receiver's answer gets lost. */
  dropReply: number;
  /** Share of API requests and webhooks that take `delaySeconds` longer. */
  delay: number;
  delaySeconds: number;
  /** Share of webhooks sent twice. */
  duplicate: number;
  /** Share of groups of webhooks (those of one action) sent in another order. */
  reorder: number;
  /** Share of webhooks never sent. */
  lose: number;
  /** Share of webhooks whose first try bears a signature that does not fit. */
  badSignature: number;
};

/** Nothing goes wrong. */
export const clearSky: WeatherSettings = {
  seed: "usher",
  outage: false,
  tooManyRequests: 0,
  serverError: 0,
  garbage: 0,
  dropReply: 0,
  delay: 0,
  delaySeconds: 2,
  duplicate: 0,
  reorder: 0,
  lose: 0,
  badSignature: 0,
};

/** Weathers by name. */
export const presets: Record<string, Partial<WeatherSettings>> = {
  clear: clearSky,
  rough: {
    ...clearSky,
    tooManyRequests: 0.1,
    serverError: 0.1,
    garbage: 0.05,
    dropReply: 0.1,
    delay: 0.2,
    duplicate: 0.3,
    reorder: 0.3,
    lose: 0.1,
    badSignature: 0.1,
  },
  outage: { ...clearSky, outage: true },
};

/**
 * Reads a change of the weather from JSON or a form, where numbers and switches may be texts.
 *
 * @throws Error naming the setting and what it takes
 */
export function readSettings(fields: Record<string, unknown>): Partial<WeatherSettings> {
  const read = Object.entries(fields).map(([name, value]) => [name, readSetting(name, value)]);
  return Object.fromEntries(read);
}

function readSetting(name: string, value: unknown): string | number | boolean {
  if (!Object.hasOwn(clearSky, name)) {
    throw new Error(`There is no weather setting ${quoted(name)}; known are ${Object.keys(clearSky).join(", ")}.`);
  }
  if (name === "seed") {
    if (typeof value === "string" && value.length > 0 && value.length <= 100) return value;
    throw new Error("seed takes a text of 1 to 100 characters.");
  }
  if (name === "outage") {
    const known = new Map<unknown, boolean>([
      [true, true],
      ["true", true],
      ["on", true],
      [false, false],
      ["false", false],
    ]);
    const read = known.get(value);
    if (read !== undefined) return read;
    throw new Error("outage takes true or false.");
  }
  const most = name === "delaySeconds" ? 3600 : 1;
  const number = typeof value === "string" && /^\d{1,4}(\.\d{1,6})?$/.test(value) ? Number(value) : value;
  if (typeof number === "number" && number >= 0 && number <= most) return number;
  throw new Error(`${name} takes a number from 0 to ${most}.`);
}

/**
 * Reads a weather from one line, as in `SANDBOX_WEATHER`: a preset, settings, or both, such as `rough` or
 * `duplicate=0.3,reorder=1,seed=monday`.
 *
 * @throws Error naming the word at fault
 */
export function readWeatherLine(line: string): Partial<WeatherSettings> {
  let settings: Partial<WeatherSettings> = {};
  for (const word of line.split(",").map((text) => text.trim())) {
    if (word === "") continue;
    const [name = "", value] = word.split("=", 2);
    if (value !== undefined) settings = { ...settings, ...readSettings({ [name]: value }) };
    else if (Object.hasOwn(presets, name)) settings = { ...settings, ...presets[name] };
    else
      throw new Error(`${quoted(name)} is no weather; known are ${Object.keys(presets).join(", ")}, or setting=value.`);
  }
  return settings;
}

const quoted = (text: string) => JSON.stringify(text.slice(0, 40));

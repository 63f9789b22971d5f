import { type Html, html } from "../html.ts";
import type { WeatherSettings } from "./settings.ts";
import type { Weather } from "./weather.ts";

type Share = Exclude<keyof WeatherSettings, "seed" | "outage" | "delaySeconds">;

/** What each share does, in the words of the page. */
const shares: { name: Share; label: string; about: string; group: "requests" | "webhooks" | "both" }[] = [
  { name: "tooManyRequests", group: "requests", label: "Too many requests", about: "429, come back in a second" },
  { name: "serverError", group: "requests", label: "Server error", about: "500 with a page in HTML" },
  { name: "garbage", group: "requests", label: "Garbage", about: "200 with bytes that are no JSON" },
  { name: "duplicate", group: "webhooks", label: "Duplicate", about: "sent twice" },
  { name: "reorder", group: "webhooks", label: "Reorder", about: "the last of an action first" },
  { name: "lose", group: "webhooks", label: "Lose", about: "never sent" },
  { name: "badSignature", group: "webhooks", label: "Bad signature", about: "first try signed wrongly, then repeated" },
  { name: "dropReply", group: "both", label: "Drop the reply", about: "carried out, the answer never arrives" },
  { name: "delay", group: "both", label: "Delay", about: "takes the seconds below longer" },
];

const headings = { requests: "API requests", webhooks: "Webhooks", both: "Both" } as const;

/** The weather panel: what is set, what it did so far, and the forms to change it. */
export function weatherContent(weather: Weather, problem?: string): Html {
  const settings = weather.settings();
  return html`<div class="head"><h1>Weather</h1>${badge(settings)}</div>
<p class="soft">What goes wrong between this double and its clients. The same seed gives the same weather again.</p>
${problem && html`<p class="card" role="alert"><strong>Not done.</strong> ${problem}</p>`}
<section class="card" aria-labelledby="presets"><h2 id="presets">At once</h2>
<div class="row">${preset("clear", "Clear sky", "good-button")}${preset("rough", "Rough day", "")}${preset("outage", "Outage", "bad-button")}</div>
<p class="small soft">In an outage API requests find the connection closed, and webhooks are lost for good.</p></section>
<form class="card" method="post" action="/weather"><h2>In detail</h2>
<p class="small soft">Shares in percent: how many of all are hit.</p>
${(["requests", "webhooks", "both"] as const).map((group) => fields(group, settings))}
<div class="row outcome"><div class="grow">${field("delaySeconds", "Seconds of a delay", settings.delaySeconds, 3600)}</div>
<div class="grow"><label for="seed">Seed</label><input id="seed" name="seed" value="${settings.seed}" maxlength="100" required></div></div>
<p><label class="check"><input type="checkbox" name="outage" value="true" ${settings.outage ? checked : ""}> Outage</label></p>
<p><button class="primary wide">Set the weather</button></p></form>
${happened(weather)}
<p class="small"><a href="/">All sessions</a></p>`;
}

const checked = { markup: "checked" };

function badge(settings: WeatherSettings): Html {
  if (settings.outage) return html`<span class="badge bad">outage</span>`;
  const bad = shares.some(({ name }) => settings[name] > 0);
  return bad ? html`<span class="badge wait">unsettled</span>` : html`<span class="badge good">clear sky</span>`;
}

function preset(name: string, label: string, look: string): Html {
  return html`<form method="post" action="/weather"><button class="${look}" name="preset" value="${name}">${label}</button></form>`;
}

function fields(group: "requests" | "webhooks" | "both", settings: WeatherSettings): Html {
  const own = shares.filter((share) => share.group === group);
  return html`<fieldset><legend>${headings[group]}</legend><div class="grid">${own.map(
    ({ name, label, about }) =>
      html`<div>${field(name, label, Math.round(settings[name] * 1e4) / 100, 100)}<span class="small soft">${about}</span></div>`,
  )}</div></fieldset>`;
}

function field(name: string, label: string, value: number, most: number): Html {
  return html`<label for="${name}">${label}</label>
<input id="${name}" name="${name}" type="number" min="0" max="${most}" step="any" inputmode="decimal" value="${value}" required>`;
}

function happened(weather: Weather): Html {
  const counts = Object.entries(weather.counts());
  return html`<section class="card" aria-labelledby="happened"><h2 id="happened">Since it was set</h2>
${
  counts.length === 0
    ? html`<p class="soft">No request and no webhook yet.</p>`
    : html`<dl>${counts.map(([name, count]) => html`<dt>${labelOf(name)}</dt><dd>${count}</dd>`)}</dl>`
}
<p><a class="button" href="/weather">Look again</a></p></section>`;
}

function labelOf(name: string): string {
  const known: Record<string, string> = {
    requests: "API requests",
    webhooks: "Webhooks",
    groups: "Actions",
    outage: "Met the outage",
  };
  return known[name] ?? shares.find((share) => share.name === name)?.label ?? name;
}

/** A form speaks in percent, and says nothing of a box that is not ticked. */
export function readWeatherForm(fields: Record<string, unknown>): Record<string, unknown> {
  const percent = (name: string, value: unknown) =>
    shares.some((share) => share.name === name) && value !== "" ? Number(value) / 100 : value;
  const read = Object.entries(fields).map(([name, value]) => [name, percent(name, value)]);
  return { outage: "false", ...Object.fromEntries(read) };
}

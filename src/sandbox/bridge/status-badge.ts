import { type Html, html } from "../html.ts";

const tones: Record<string, string> = {
  not_started: "calm",
  active: "good",
  approved: "good",
  delivered: "good",
  rejected: "bad",
  paused: "bad",
  offboarded: "bad",
  failed: "bad",
};

/** A state in words; the colour only repeats them. */
export function statusBadge(status: string): Html {
  return html`<span class="badge ${tones[status] ?? "wait"}">${status.replaceAll("_", " ")}</span>`;
}

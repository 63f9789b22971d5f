import { type Html, html } from "../html.ts";
import type { SessionStatus } from "./session.ts";

const TONES: Record<SessionStatus, string> = {
  created: "calm",
  started: "wait",
  submitted: "wait",
  resubmission_requested: "wait",
  review: "wait",
  approved: "good",
  declined: "bad",
  expired: "calm",
  abandoned: "calm",
};

/** A session's state in words; the colour only repeats them. */
export function statusBadge(status: SessionStatus): Html {
  return html`<span class="badge ${TONES[status]}">${status.replaceAll("_", " ")}</span>`;
}

import { type Html, html } from "../html.ts";
import { type Action, listAllowedActions } from "./play-action.ts";
import { DECLINE_REASONS, RESUBMIT_REASONS, type Reason } from "./reasons.ts";
import { scenarios } from "./scenarios.ts";
import type { Session } from "./session.ts";

/** The person's next step: start, or submit the documents. */
export function personForms(session: Session): Html | "" {
  const allowed = listAllowedActions(session);
  if (allowed.includes("started")) {
    const label = session.status === "resubmission_requested" ? "Start again" : "Start";
    return card("person", "As the person", button(session, "started", label, "primary wide"));
  }
  if (!allowed.includes("submitted")) return "";
  const content = html`<p class="soft">No camera and no files: this hands in a made-up document.</p>
${button(session, "submitted", "Submit documents", "primary wide")}`;
  return card("person", "As the person", content);
}

/** The outcomes open to the session. Once decided they are folded away, since changing a decision is the exception. */
export function outcomeForms(session: Session): Html {
  const allowed = listAllowedActions(session);
  const plain = (action: Action, label: string, look = "") =>
    allowed.includes(action) ? button(session, action, label, look) : "";
  const content = html`
${plain("approve", "Approve", "good-button")}
${allowed.includes("decline") && withReason(session, "decline", "Decline", DECLINE_REASONS, 102)}
${allowed.includes("resubmit") && withReason(session, "resubmit", "Ask to resubmit", RESUBMIT_REASONS, 203)}
<div class="outcome row">${plain("review", "Mark for review")}${plain("expire", "Let it expire")}${plain("abandon", "Abandon")}</div>`;
  const whole = html`<form class="outcome row" method="post" action="/v/${session.token}/scenario">
<div class="grow"><label for="scenario">A whole course, as a person of that first name would have it</label>
<select id="scenario" name="name">${Object.keys(scenarios).map((name) => html`<option>${name}</option>`)}</select></div>
<button>Play it</button></form>`;
  const decided = ["approved", "declined", "expired", "abandoned"].includes(session.status);
  if (decided)
    return card(
      "outcome",
      "As the reviewer",
      html`<details><summary>Change the decision</summary>${content}</details>`,
    );
  const early =
    session.status === "created" || session.status === "started" || session.status === "resubmission_requested";
  return card(
    "outcome",
    "Choose the outcome",
    html`${early && html`<p class="soft">Choosing now plays the missing steps first.</p>`}${content}${whole}`,
  );
}

function card(id: string, heading: string, content: Html): Html {
  return html`<section class="card" aria-labelledby="${id}"><h2 id="${id}">${heading}</h2>${content}</section>`;
}

function button(session: Session, action: Action, label: string, look: string): Html {
  return html`<form method="post" action="/v/${session.token}/${action}"><button class="${look}">${label}</button></form>`;
}

function withReason(session: Session, action: Action, label: string, reasons: readonly Reason[], chosen: number): Html {
  const option = ({ code, text }: Reason) =>
    html`<option value="${code}" ${code === chosen ? { markup: "selected" } : ""}>${code} ${text}</option>`;
  return html`<form class="outcome row" method="post" action="/v/${session.token}/${action}">
<div class="grow"><label for="${action}-reason">Reason to ${label.toLowerCase()}</label>
<select id="${action}-reason" name="reasonCode">${reasons.map(option)}</select></div>
<button class="${action === "decline" ? "bad-button" : ""}">${label}</button></form>`;
}

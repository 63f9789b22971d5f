import { type Html, html } from "../html.ts";
import { sentWebhooks } from "./sent-webhooks.ts";
import { currentAttempt, type Session, type SessionStatus } from "./session.ts";
import { outcomeForms, personForms } from "./session-forms.ts";
import { statusBadge } from "./status-badge.ts";

/** The hosted page of one session: where it stands, what can be done, what was sent. Opening it starts nothing. */
export function sessionContent(session: Session, problem?: string): Html {
  const { firstName = "", lastName = "" } = session.person;
  const name = `${firstName} ${lastName}`.trim();
  return html`<div class="head"><h1>Verify your identity</h1>${statusBadge(session.status)}</div>
<p class="soft">${name && html`For <strong>${name}</strong>. `}${SENTENCES[session.status]}</p>
${problem && html`<p class="card" role="alert"><strong>Not done.</strong> ${problem}</p>`}
${steps(session.status)}
${result(session)}
${personForms(session)}
${outcomeForms(session)}
${sentWebhooks(session)}
${details(session)}
<p class="small"><a href="/">All sessions</a></p>`;
}

const SENTENCES: Record<SessionStatus, string> = {
  created: "Nothing has happened yet: press Start, as the person would.",
  started: "The person has begun and has handed in nothing yet.",
  submitted: "Documents are handed in. Now decide, as the reviewer would.",
  resubmission_requested: "The person was asked to try again on this same page.",
  review: "A reviewer is having a closer look. A decision follows.",
  approved: "The person is verified.",
  declined: "The verification was declined.",
  expired: "The link was not opened in time.",
  abandoned: "The person did not finish in time.",
};

const STEPS_DONE: Partial<Record<SessionStatus, number>> = { created: 0, resubmission_requested: 0, started: 1 };

function steps(status: SessionStatus): Html | "" {
  // Where the person never finished, finished steps would be a lie.
  if (status === "expired" || status === "abandoned") return "";
  const done = STEPS_DONE[status] ?? (status === "submitted" || status === "review" ? 2 : 3);
  const step = (label: string, index: number) =>
    index < done
      ? html`<li class="done">${label}</li>`
      : html`<li ${index === done ? { markup: 'aria-current="step"' } : ""}>${label}</li>`;
  return html`<ol class="steps" aria-label="Progress">${["Start", "Submit", "Decision"].map(step)}</ol>`;
}

function result(session: Session): Html | "" {
  const { decision, callback } = session;
  if (!decision || decision.status !== session.status) return "";
  return html`<section class="card" aria-labelledby="result">
<h2 id="result">Decision: ${decision.status.replaceAll("_", " ")}</h2>
${decision.reasonCode !== null && html`<p>Reason ${decision.reasonCode}: ${decision.reason ?? "no text"}</p>`}
${
  callback === null
    ? html`<p class="soft">The session has no callback address to go back to.</p>`
    : html`<p><a class="button primary" href="${callback}" rel="noreferrer">Back to the application</a></p>`
}
</section>`;
}

function details(session: Session): Html {
  const rows: [string, string | null][] = [
    ["Session", session.id],
    ["Attempt", `${session.attempts.length} of at most 10, ${currentAttempt(session).id}`],
    ["vendorData", session.vendorData],
    ["Callback", session.callback],
  ];
  const row = ([label, value]: [string, string | null]) =>
    html`<dt>${label}</dt><dd class="mono small">${value ?? "none"}</dd>`;
  return html`<section class="card" aria-labelledby="details"><h2 id="details">Session</h2><dl>${rows.map(row)}</dl></section>`;
}

import { type Html, html, moment } from "../html.ts";
import { formatMicroseconds } from "./microseconds.ts";
import type { Session } from "./session.ts";
import { statusBadge } from "./status-badge.ts";

/** The newest sessions with their states and links. */
export function sessionListContent(sessions: readonly Session[]): Html {
  return html`<h1>Verification sessions</h1>
<p class="soft">The newest ${sessions.length === 1 ? "session" : `${sessions.length} sessions`} of this sandbox. Open one to play the
person and the reviewer. The <a href="/weather">weather</a> between here and the application can be changed.</p>
<section class="card" aria-label="Sessions">
${sessions.length === 0 ? html`<p>No session yet. One appears here as soon as a verification is started.</p>` : ""}
<ul class="rows">${sessions.map(row)}</ul>
</section>`;
}

function row(session: Session): Html {
  const { firstName = "", lastName = "" } = session.person;
  const name = `${firstName} ${lastName}`.trim() || "Unnamed person";
  return html`<li>
<div class="head"><a href="/v/${session.token}">${name}</a>${statusBadge(session.status)}</div>
<div class="small soft">opened ${moment(formatMicroseconds(session.createdAt))}, session <span class="mono">${session.id}</span>${
    session.vendorData && html`, vendorData <span class="mono">${session.vendorData}</span>`
  }</div>
</li>`;
}

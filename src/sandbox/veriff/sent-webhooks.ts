import { type Html, html, moment } from "../html.ts";
import type { Delivery, Session, Try } from "./session.ts";

/** What was sent to the receiver, newest first, with its answers and what is still to be repeated. */
export function sentWebhooks(session: Session): Html {
  const deliveries = [...session.deliveries].reverse();
  const again = deliveries.length > 0;
  return html`<section class="card" aria-labelledby="sent"><h2 id="sent">Webhooks sent</h2>
${!again && html`<p class="soft">None yet.</p>`}
<ol class="sent">${deliveries.map(row)}</ol>
${
  again &&
  html`<div class="outcome row"><form method="post" action="/v/${session.token}/resend"><button>Send the newest again</button></form>
<a class="button" href="/v/${session.token}">Look again</a></div>`
}
</section>`;
}

function row(delivery: Delivery): Html {
  return html`<li><div class="head"><strong>${delivery.kind.replaceAll("_", " ")}</strong>${outcome(delivery)}</div>
${delivery.nextTryAt && html`<p class="small soft">Next try at ${moment(delivery.nextTryAt)}.</p>`}
<details><summary>Answers and exact body</summary>
<ul class="small">${delivery.tries.map(tried)}</ul>
<pre tabindex="0" aria-label="Body of the ${delivery.kind} webhook">${pretty(delivery.body)}</pre></details></li>`;
}

function outcome({ state, tries }: Delivery): Html {
  const newest = tries.at(-1);
  const answer = newest ? (newest.status === null ? "no answer" : `HTTP ${newest.status}`) : "not tried yet";
  if (state === "delivered") return html`<span class="badge good">delivered, ${answer}</span>`;
  if (state === "failed") return html`<span class="badge bad">given up after ${tries.length} tries, ${answer}</span>`;
  return html`<span class="badge wait">${tries.length === 0 ? "on its way" : `will be repeated, ${answer}`}</span>`;
}

function tried({ at, status, answer }: Try): Html {
  return html`<li>${moment(at)}: ${status === null ? "no HTTP answer" : `HTTP ${status}`}${answer && html`, <code>${answer}</code>`}</li>`;
}

// Set out for reading; the bytes sent have no line breaks.
function pretty(body: string): string {
  return JSON.stringify(JSON.parse(body), null, 2);
}

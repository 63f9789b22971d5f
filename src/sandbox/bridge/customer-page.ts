import { type Html, html, moment } from "../html.ts";
import { type Customer, customerStatuses, type Delivery } from "./customer.ts";
import { nameOf } from "./list-page.ts";
import { rejectionReasons } from "./reasons.ts";
import { scenarios } from "./scenarios.ts";
import { statusBadge } from "./status-badge.ts";

/** The hosted page of one customer: where they stand, a button for every status, what was sent. Opening it starts nothing. */
export function customerContent(customer: Customer, deliveries: readonly Delivery[], problem?: string): Html {
  const others = customerStatuses.filter((status) => status !== "rejected");
  return html`<div class="head"><h1>Verify your identity</h1>${statusBadge(customer.status)}</div>
<p class="soft">For <strong>${nameOf(customer)}</strong>. No camera and no files here: choose what becomes of it.</p>
${problem && html`<p class="card" role="alert"><strong>Not done.</strong> ${problem}</p>`}
<section class="card" aria-labelledby="terms"><h2 id="terms">Terms of service</h2>
${
  customer.hasAcceptedTerms
    ? html`<p>Accepted.</p>`
    : html`<p><a class="button primary" href="/accept-terms-of-service?customer_id=${customer.id}">Read and accept the terms</a></p>`
}</section>
<section class="card" aria-labelledby="status"><h2 id="status">Choose the status</h2>
<div class="row">${others.map((status) => button(customer, status))}</div>
<form class="outcome row" method="post" action="/verify/${customer.token}/rejected">
<div class="grow"><label for="reason">Reason to reject</label>
<select id="reason" name="reason">${rejectionReasons.map(({ developer_reason, reason }) => html`<option value="${developer_reason}">${developer_reason} (the person reads: ${reason})</option>`)}</select></div>
<button class="bad-button">Reject</button></form>
<form class="outcome row" method="post" action="/verify/${customer.token}/scenario">
<div class="grow"><label for="scenario">A whole course, as a customer of that first name would have it</label>
<select id="scenario" name="name">${Object.keys(scenarios).map((name) => html`<option>${name}</option>`)}</select></div>
<button>Play it</button></form>
</section>
${sent(customer, deliveries)}
<section class="card" aria-labelledby="details"><h2 id="details">Customer</h2><dl>
<dt>Id</dt><dd class="mono small">${customer.id}</dd>
<dt>client_reference_id</dt><dd class="mono small">${String(customer.given.client_reference_id ?? "none")}</dd>
<dt>Endorsements</dt><dd class="mono small">${customer.endorsements.join(", ")}</dd></dl></section>
<p class="small"><a href="/">All customers</a></p>`;
}

function button({ token, status: present }: Customer, status: string): Html {
  const look = status === "active" ? "good-button" : status === "paused" || status === "offboarded" ? "bad-button" : "";
  return html`<form method="post" action="/verify/${token}/${status}"><button class="${look}" ${
    status === present ? { markup: 'aria-pressed="true"' } : ""
  }>${status.replaceAll("_", " ")}</button></form>`;
}

function sent({ token }: Customer, deliveries: readonly Delivery[]): Html {
  const row = (delivery: Delivery) => {
    const newest = delivery.tries.at(-1);
    return html`<li><div class="head"><strong>${delivery.kind}</strong>${statusBadge(delivery.state)}</div>
${newest && html`<p class="small soft">${moment(newest.at)}: ${newest.status === null ? newest.answer : `HTTP ${newest.status}`}</p>`}
<details><summary>Exact body</summary><pre tabindex="0" aria-label="Body of the ${delivery.kind} webhook">${JSON.stringify(JSON.parse(delivery.body), null, 2)}</pre></details></li>`;
  };
  return html`<section class="card" aria-labelledby="sent"><h2 id="sent">Webhooks sent</h2>
${deliveries.length === 0 && html`<p class="soft">None yet.</p>`}
<ol class="sent">${deliveries.map(row)}</ol>
${deliveries.length > 0 && html`<div class="outcome row"><form method="post" action="/verify/${token}/resend"><button>Send the newest again</button></form></div>`}
</section>`;
}

import { type Html, html, moment } from "../html.ts";
import type { Customer } from "./customer.ts";
import { statusBadge } from "./status-badge.ts";

/** The newest customers with their states and links. */
export function customerListContent(customers: readonly Customer[]): Html {
  return html`<h1>Customers</h1>
<p class="soft">The newest customers of this sandbox. Open one to play the person and the reviewer. The <a href="/weather">weather</a>
between here and the application can be changed.</p>
<section class="card" aria-label="Customers">
${customers.length === 0 ? html`<p>No customer yet. One appears here as soon as a Bridge verification is started.</p>` : ""}
<ul class="rows">${customers.map(row)}</ul>
</section>`;
}

function row(customer: Customer): Html {
  return html`<li>
<div class="head"><a href="/verify/${customer.token}">${nameOf(customer)}</a>${statusBadge(customer.status)}</div>
<div class="small soft">opened ${moment(new Date(customer.createdAt).toISOString())}, customer <span class="mono">${customer.id}</span></div>
</li>`;
}

/** A customer's name as given. */
export function nameOf({ given }: Customer): string {
  return `${given.first_name ?? ""} ${given.last_name ?? ""}`.trim() || "Unnamed person";
}

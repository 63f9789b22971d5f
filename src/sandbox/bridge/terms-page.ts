import { type Html, html } from "../html.ts";

/** What the page was opened with. */
export type TermsQuery = { customer_id?: string; session_token?: string; redirect_uri?: string };

/** The page where a person accepts the terms; a made-up text, since the real one is Bridge's. */
export function termsContent(query: TermsQuery): Html {
  const hidden = Object.entries(query).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
  return html`<h1>Terms of service</h1>
<section class="card"><p>Here Bridge shows its terms of service. This double has none: press the button as the person would.</p>
<form method="post" action="/accept-terms-of-service">${hidden}<button class="primary wide">Accept</button></form></section>`;
}

/** Where the browser was not asked to go anywhere. */
export function acceptedContent(): Html {
  return html`<section class="card"><h1>Terms accepted</h1><p>You can close this page.</p></section>`;
}

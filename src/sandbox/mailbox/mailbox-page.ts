import { type Html, html, moment, page } from "../html.ts";
import type { Message } from "./message.ts";

const BANNER = html`<strong>Sandbox mailbox.</strong> These messages were caught here; none has left this machine.`;

/** The list of messages as a page; `nonce` is the one in the answer's Content-Security-Policy. */
export function mailboxPage(messages: readonly Message[], { nonce }: { nonce: string }): string {
  const content = html`<h1>Mailbox</h1>
<p class="soft">${messages.length === 0 ? "Nothing has been sent yet." : `${messages.length} newest messages.`}
For scripts: <code>?to=address</code> answers JSON.</p>
${messages.length > 0 && html`<section class="card" aria-label="Messages"><ul class="rows">${messages.map(row)}</ul></section>`}`;
  return page({ title: "Mailbox · Usher sandbox", nonce, banner: BANNER, content });
}

/** One message as a page. Its HTML is shown as text only: nothing a message contains is ever run or loaded. */
export function messagePage(message: Message, { nonce }: { nonce: string }): string {
  const { subject, from, to, receivedAt, text, code } = message;
  const content = html`<p class="small"><a href="/sandbox/mailbox">All messages</a></p>
<h1>${subject || "No subject"}</h1>
<section class="card" aria-label="Message">
<dl><dt>To</dt><dd>${to}</dd><dt>From</dt><dd>${from}</dd><dt>Received</dt><dd>${moment(receivedAt)}</dd></dl>
${code && html`<p class="outcome">Code: <span class="code">${code}</span></p>`}
<pre class="mail outcome">${linked(text)}</pre>
${message.html && html`<details class="outcome"><summary>HTML part, as text</summary><pre tabindex="0">${message.html}</pre></details>`}
</section>`;
  return page({ title: `${subject || "No subject"} · Usher sandbox`, nonce, banner: BANNER, content });
}

/** Says that there is no such message. */
export function missingMessagePage({ nonce }: { nonce: string }): string {
  const content = html`<h1>No such message</h1>
<p>Only the newest messages are kept; it may have made room for others. <a href="/sandbox/mailbox">All messages</a></p>`;
  return page({ title: "No such message · Usher sandbox", nonce, banner: BANNER, content });
}

function row(message: Message): Html {
  const { id, subject, to, receivedAt, code } = message;
  return html`<li><div class="head"><a href="/sandbox/mailbox/${id}">${subject || "No subject"}</a>${
    code && html`<span class="badge good mono">${code}</span>`
  }</div><div class="small soft">to ${to}, ${moment(receivedAt)}</div></li>`;
}

// A parenthesis or full stop after an address belongs to the sentence around it.
const ADDRESS = /(https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]])/;

function linked(text: string): Html[] {
  return text
    .split(ADDRESS)
    .map((piece, index) => (index % 2 === 1 ? html`<a href="${piece}" rel="noreferrer">${piece}</a>` : html`${piece}`));
}

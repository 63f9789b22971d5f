import type { FastifyInstance } from "fastify";
import { html, newNonce, page, pageHeaders } from "./html.ts";

/** Where the one-time link of the first admin leads: the token is in the fragment, which never reaches a server's log. */
export const adminPagePath = "/sandbox/admin";

const script = `
const out = document.querySelector("#out");
const token = location.hash.slice(1);
history.replaceState(null, "", location.pathname);
document.querySelector("#go").addEventListener("click", async (event) => {
  event.target.disabled = true;
  const answer = await fetch("/auth/login-link", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ token }) });
  const body = await answer.json();
  out.textContent = answer.ok ? "ADMIN=" + body.accessToken : body.title + ": " + body.detail;
  out.hidden = false;
});`;

/** Adds the page that turns the printed one-time link into an access token for the terminal. */
export function registerAdminPage(app: FastifyInstance): void {
  app.get(adminPagePath, { config: { delegated: "sandbox admin log-in" } }, async (_request, reply) => {
    const nonce = newNonce();
    const headers = pageHeaders(nonce);
    headers["content-security-policy"] =
      `${headers["content-security-policy"]}; script-src 'nonce-${nonce}'; connect-src 'self'`;
    return reply.headers(headers).send(
      page({
        title: "Admin log-in",
        nonce,
        banner: html`Sandbox: this link exists because no BOOTSTRAP_ADMIN_EMAIL was set.`,
        content: html`<h1>Log in as the first admin</h1>
<p>The link counts once. It gives an access token for fifteen minutes, ready for the terminal.</p>
<p><button id="go" type="button">Log in</button></p>
<pre id="out" hidden></pre>
<script nonce="${nonce}">${{ markup: script }}</script>`,
      }),
    );
  });
}

import type { FastifyInstance } from "fastify";
import { html, newNonce, page, pageHeaders } from "./html.ts";

/** Where the one-time link of the first admin leads: the token is in the fragment, which never reaches a server's log. */
export const adminPagePath = "/sandbox/admin";

const script = `
const out = document.querySelector("#out");
const form = document.querySelector("form");
const factor = document.querySelector("#factor");
const token = location.hash.slice(1);
let challenge;
history.replaceState(null, "", location.pathname);
const post = async (path, body) => {
  const answer = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  return { ok: answer.ok, body: await answer.json() };
};
const readCode = () => {
  const code = form.elements.code.value.trim();
  return /^[0-9]{6}$/.test(code) ? { code } : { recovery_code: code };
};
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = document.querySelector("#go");
  button.disabled = true;
  const { ok, body } = await (challenge ? post("/auth/login/second-factor", { challenge, ...readCode() }) : post("/auth/login-link", { token }));
  challenge = body.challenge ?? challenge;
  factor.hidden = ok || !challenge;
  button.disabled = ok || !challenge;
  out.textContent = ok ? "ADMIN=" + body.accessToken : body.title + ": " + body.detail;
  out.hidden = false;
  if (!factor.hidden) form.elements.code.focus();
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
<form>
<p id="factor" hidden><label>Code of the second factor, or a recovery code <input name="code" autocomplete="one-time-code"></label></p>
<p><button id="go">Log in</button></p></form>
<pre id="out" hidden></pre>
<script nonce="${nonce}">${{ markup: script }}</script>`,
      }),
    );
  });
}

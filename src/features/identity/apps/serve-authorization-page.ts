import { createHash } from "node:crypto";
import type { FastifyInstance, FastifyReply } from "fastify";
import { tooManyRequests } from "../../../foundation/errors/common.ts";
import type { RateLimits } from "../../../foundation/http/index.ts";
import { permissionCatalogue } from "../../access/index.ts";
import type { IdentityDeps } from "../identity-deps.ts";
import { pageScript } from "./page-script.ts";
import { type Authorization, answerTo, readAuthorization } from "./read-authorization.ts";

const style =
  "body{font:1.05rem/1.6 system-ui,sans-serif;margin:0;color-scheme:light dark}main{max-width:26rem;margin:10vh auto;padding:0 1.5rem}label{display:block;margin:.8rem 0}input{font:inherit;display:block;width:100%;box-sizing:border-box;padding:.4rem}button{font:inherit;padding:.5rem 1.2rem}#says{color:#c22;min-height:1.6em}";

const hashOf = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
const policy = `default-src 'none'; img-src data:; style-src ${hashOf(style)}; script-src ${hashOf(pageScript)}; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/**
 * Serves the page on which a person lets an app act for them (the authorization endpoint). It sets no cookie and keeps
 * nothing: what is allowed is what its script sends back with the person's own log-in.
 */
export function serveAuthorizationPage(
  app: FastifyInstance,
  deps: Pick<IdentityDeps, "db" | "publicUrl"> & { rateLimits: RateLimits },
): void {
  app.get("/oidc/auth", { config: { delegated: "authorization page" } }, async (request, reply) => {
    const verdict = await deps.rateLimits.spend("general", request.ip, request);
    if (verdict.exceeded) throw tooManyRequests({ retryAfterSeconds: verdict.resetSeconds });
    const read = await readAuthorization(deps, request.query as Record<string, unknown>);
    if (read.kind === "refused") return reply.header("cache-control", "no-store").redirect(read.location, 303);
    if (read.kind === "unusable")
      return send(reply, 400, page(`<h1>This link does not work</h1><p>${read.sentence}</p>`));
    return send(reply, 200, askingPage(read.request, request.query as Record<string, string>, deps.publicUrl));
  });
}

function send(reply: FastifyReply, status: number, body: string): FastifyReply {
  return reply
    .code(status)
    .header("content-security-policy", policy)
    .header("cache-control", "no-store")
    .header("referrer-policy", "no-referrer")
    .type("text/html; charset=utf-8")
    .send(body);
}

function page(content: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Log in – Usher</title><link rel="icon" href="data:,"><style>${style}</style></head><body><main>${content}</main></body></html>`;
}

const kept = ["client_id", "redirect_uri", "response_type", "code_challenge", "code_challenge_method"];
const keptToo = ["scope", "state", "nonce", "resource"];

function askingPage(request: Authorization, query: Record<string, string>, publicUrl: string): string {
  const wanted = request.scope.flatMap((name) =>
    name in permissionCatalogue ? [permissionCatalogue[name as keyof typeof permissionCatalogue]] : [],
  );
  const asked = Object.entries(query).filter(([name]) => [...kept, ...keptToo].includes(name));
  // A script element ends at the first "</", whatever the JSON around it.
  const data = JSON.stringify(Object.fromEntries(asked)).replaceAll("<", "\\u003c");
  const cancel = answerTo({ ...request, publicUrl }, { error: "access_denied" });
  return page(`<h1>${escapeHtml(request.appName)}</h1>
<p>wants to act for you here: read and change your own record${wanted.length > 0 ? ", and with your permissions:" : "."}</p>
<ul>${wanted.map((sentence) => `<li>${escapeHtml(sentence)}</li>`).join("")}</ul>
<form><label>E-mail address<input name="email" type="email" autocomplete="username" required></label>
<label>Password<input name="password" type="password" autocomplete="current-password" required></label>
<label id="factor" hidden>Code<input name="code" autocomplete="one-time-code" autocapitalize="none" spellcheck="false"></label>
<p><button id="passkey" type="button" hidden>Use your passkey</button></p>
<p id="says" role="alert"></p><button>Log in and allow</button> <a href="${escapeHtml(cancel)}">Cancel</a></form>
<script type="application/json" id="request">${data}</script><script>${pageScript}</script>`);
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

import { createHash, randomBytes } from "node:crypto";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { notFound } from "../errors/common.ts";
import { type ErrorDeclaration, listDeclaredErrors } from "../errors/index.ts";
import { handOver } from "./hand-over.ts";

/**
 * The readable documentation at /docs. Its script is four megabytes: an application of its own holds it, made when
 * somebody first asks.
 */
export function serveDocsPage(app: FastifyInstance): void {
  let docs: Promise<FastifyInstance> | undefined;
  // One by one, so that any other address below is refused in our own words.
  for (const url of ["/docs", "/docs/", "/docs/js/scalar.js"]) {
    app.get(url, { config: { delegated: "documentation page" } }, async (request, reply) => {
      docs ??= createDocsApp();
      const { routing } = await docs;
      routing(request.raw, handOver(reply));
    });
  }
  app.addHook("onClose", async () => {
    await (await docs)?.close();
  });
}

async function createDocsApp(): Promise<FastifyInstance> {
  const { default: scalar } = await import("@scalar/fastify-api-reference");
  const docs = Fastify();
  docs.addHook("onSend", giveScriptsNonce);
  await docs.register(scalar, { routePrefix: "/docs", configuration: docsConfiguration as never });
  await docs.ready();
  return docs;
}

/** Nothing of the vendor's services: no fonts, no telemetry, no assistants, nothing that leaves this address. */
const docsConfiguration = {
  url: "/openapi.json",
  title: "Usher API",
  withDefaultFonts: false,
  telemetry: false,
  agent: { disabled: true },
  mcp: { disabled: true },
  showDeveloperTools: "never",
  hideClientButton: true,
  favicon: "data:,",
};

/** The page has an inline script: each answer gets a nonce of its own for it. */
async function giveScriptsNonce(_request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> {
  const isPage = String(reply.getHeader("content-type") ?? "").startsWith("text/html");
  if (!isPage || typeof payload !== "string") return payload;
  const nonce = randomBytes(16).toString("base64");
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'self'`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  reply.header("content-security-policy", policy.join("; "));
  reply.removeHeader("content-length");
  return payload.replaceAll("<script", `<script nonce="${nonce}"`);
}

/** One page a declared error: what happened and how to mend it. Problem documents link here by `type`. */
export function serveErrorPages(app: FastifyInstance): void {
  app.get("/docs/errors/:code", { config: { delegated: "documentation page" } }, async (request, reply) => {
    const { code } = request.params as { code: string };
    const error = listDeclaredErrors().find((candidate) => candidate.code === code);
    if (!error) throw notFound();
    reply.header(
      "content-security-policy",
      `default-src 'none'; style-src 'sha256-${errorPageStyleHash}'; frame-ancestors 'none'`,
    );
    return reply.type("text/html; charset=utf-8").send(errorPage(error));
  });
}

function errorPage(error: ErrorDeclaration): string {
  const safe = (text: string) =>
    text.replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign] as string);
  const remedy = safe(error.remedy).replace(/`([^`]+)`/g, "<code>$1</code>");
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${error.code} – Usher</title><style>${errorPageStyle}</style></head><body><main><p>HTTP ${error.status}</p><h1>${safe(error.title)}</h1><p><code>${error.code}</code></p><h2>How to mend it</h2><p>${remedy}</p><p><a href="/docs">API documentation</a></p></main></body></html>`;
}

const errorPageStyle =
  "body{font:1rem/1.6 system-ui,sans-serif;margin:0;color-scheme:light dark}main{max-width:40rem;margin:10vh auto;padding:0 1.5rem}";

const errorPageStyleHash = createHash("sha256").update(errorPageStyle).digest("base64");

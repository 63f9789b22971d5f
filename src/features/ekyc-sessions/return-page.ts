import { createHash } from "node:crypto";
import type { FastifyInstance } from "fastify";

const style =
  "body{font:1.05rem/1.6 system-ui,sans-serif;margin:0;color-scheme:light dark}main{max-width:32rem;margin:14vh auto;padding:0 1.5rem}";

const styleHash = createHash("sha256").update(style).digest("base64");

/** Says what it knows: coming back proves nothing; the decision comes from the provider by itself. */
const page = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Thank you – Usher</title><link rel="icon" href="data:,"><style>${style}</style></head><body><main><h1>Thank you</h1><p>Your documents are on their way to be checked. You can close this page: where you came from, you see the decision as soon as there is one.</p></main></body></html>`;

/** Serves the page to which a person returns after a verification, where no other callback was asked for. */
export function serveReturnPage(app: FastifyInstance): void {
  app.get("/ekyc/return", { config: { delegated: "return page" } }, async (_request, reply) =>
    reply
      .header(
        "content-security-policy",
        `default-src 'none'; img-src data:; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      )
      .type("text/html; charset=utf-8")
      .send(page),
  );
}

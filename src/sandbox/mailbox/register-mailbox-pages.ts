import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { newNonce, pageHeaders } from "../html.ts";
import { mailboxPage, messagePage, missingMessagePage } from "./mailbox-page.ts";
import type { Mailbox } from "./start-mailbox.ts";

/** These routes bring their own pages and checks; the application's closed schemas do not apply to them. */
const config = { delegated: "sandbox mailbox" };

/**
 * Adds GET /sandbox/mailbox and GET /sandbox/mailbox/{id} to the application. The list is a page for browsers, and
 * `{"messages": [...]}`, newest first, for `Accept: application/json` or with `?to=`; `limit` is 1 to 500, default 50.
 */
export function registerMailboxPages(app: FastifyInstance, mailbox: Mailbox): void {
  app.get<{ Querystring: Record<string, unknown> }>("/sandbox/mailbox", { config }, (request, reply) => {
    const { to, limit = "50" } = request.query;
    if (to !== undefined && typeof to !== "string") return refuse(reply, "to must be given once");
    if (!/^[1-9]\d{0,2}$/.test(String(limit)) || Number(limit) > 500) return refuse(reply, "limit must be 1 to 500");
    const messages = mailbox.list({ to, limit: Number(limit) });
    if (to !== undefined || wantsJson(request)) return reply.header("cache-control", "no-store").send({ messages });
    return sendPage(reply, 200, (nonce) => mailboxPage(messages, { nonce }));
  });

  app.get<{ Params: { id: string } }>("/sandbox/mailbox/:id", { config }, (request, reply) => {
    const message = mailbox.find(request.params.id);
    if (wantsJson(request)) {
      if (!message) return reply.code(404).send({ error: "No such message; only the newest 500 are kept" });
      return reply.header("cache-control", "no-store").send(message);
    }
    if (!message) return sendPage(reply, 404, (nonce) => missingMessagePage({ nonce }));
    return sendPage(reply, 200, (nonce) => messagePage(message, { nonce }));
  });
}

function wantsJson(request: FastifyRequest): boolean {
  const accept = request.headers.accept ?? "";
  return accept.includes("application/json") && !accept.includes("text/html");
}

function refuse(reply: FastifyReply, error: string) {
  return reply.code(400).send({ error });
}

function sendPage(reply: FastifyReply, httpStatus: number, render: (nonce: string) => string) {
  const nonce = newNonce();
  return reply.code(httpStatus).headers(pageHeaders(nonce)).send(render(nonce));
}

import type { FastifyInstance, FastifyReply } from "fastify";
import { type Html, html, newNonce, page, pageHeaders } from "../html.ts";
import { registerWeatherPage, type Weather } from "../weather/index.ts";
import type { Courier } from "./deliver-webhooks.ts";
import { sessionListContent } from "./list-page.ts";
import { performAction } from "./perform-action.ts";
import { sessionContent } from "./session-page.ts";
import type { SessionStore } from "./session-store.ts";

type PageDeps = { store: SessionStore; courier: Courier; clock: { now(): Date }; weather: Weather };

const BANNER = html`<strong>Sandbox double, not Veriff.</strong> Nothing here is checked: you choose the outcome.`;

/** The hosted page of each session, where one plays the person and the reviewer, and the list of sessions. */
export async function registerPageRoutes(app: FastifyInstance, deps: PageDeps): Promise<void> {
  const { store } = deps;
  app.setErrorHandler((error: { statusCode?: number; message: string }, _request, reply) =>
    sendPage(reply, error.statusCode ?? 500, "Something went wrong", messageContent(error.message)),
  );
  app.setNotFoundHandler((_request, reply) => notFound(reply));

  app.get("/", (_request, reply) =>
    sendPage(reply, 200, "Verification sessions", sessionListContent(store.listSessions({}))),
  );

  registerWeatherPage(app, deps.weather, sendPage);

  app.get<{ Params: { token: string } }>("/v/:token", (request, reply) => {
    const session = store.findSessionByToken(request.params.token);
    return session ? sendPage(reply, 200, "Verify your identity", sessionContent(session)) : notFound(reply);
  });

  app.post<{ Params: { token: string; action: string } }>("/v/:token/:action", async (request, reply) => {
    const { token, action } = request.params;
    const session = store.findSessionByToken(token);
    if (!session) return notFound(reply);
    const performed = await performAction(deps, session, { action, body: request.body });
    if (!("problem" in performed)) return reply.redirect(`/v/${token}`, 303);
    return sendPage(reply, performed.httpStatus, "Not possible now", sessionContent(session, performed.problem));
  });
}

function notFound(reply: FastifyReply) {
  const text = "There is no such session or page in this sandbox. The link may be cut off, or the sandbox was emptied.";
  return sendPage(reply, 404, "Not found", messageContent(text));
}

function messageContent(text: string): Html {
  return html`<section class="card"><h1>That did not work</h1><p>${text}</p><p><a href="/">All sessions</a></p></section>`;
}

function sendPage(reply: FastifyReply, httpStatus: number, title: string, content: Html) {
  const nonce = newNonce();
  const body = page({ title: `${title} · Veriff sandbox double`, nonce, banner: BANNER, content });
  return reply.code(httpStatus).headers(pageHeaders(nonce)).send(body);
}

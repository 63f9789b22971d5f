import type { FastifyInstance, FastifyReply } from "fastify";
import { type Html, html, newNonce, page, pageHeaders } from "../html.ts";
import { registerWeatherPage, type Weather } from "../weather/index.ts";
import { acceptTerms, beginLink, type WorldDeps } from "./change-customer.ts";
import type { Customer, KycLink } from "./customer.ts";
import { customerContent } from "./customer-page.ts";
import type { Courier } from "./deliver-webhooks.ts";
import { customerListContent } from "./list-page.ts";
import { performAction } from "./perform-action.ts";
import { acceptedContent, type TermsQuery, termsContent } from "./terms-page.ts";

type PageDeps = WorldDeps & { courier: Courier; weather: Weather };

const banner = html`<strong>Sandbox double, not Bridge.</strong> Nothing here is checked: you choose the outcome.`;

/** The hosted pages: terms of service, the KYC page of each customer, and the list of customers. */
export async function registerPageRoutes(app: FastifyInstance, deps: PageDeps): Promise<void> {
  const { store } = deps;
  app.setErrorHandler((error: { statusCode?: number; message: string }, _request, reply) =>
    sendPage(reply, error.statusCode ?? 500, "Something went wrong", messageContent(error.message)),
  );
  app.setNotFoundHandler((_request, reply) => notFound(reply));
  app.get("/", (_request, reply) =>
    sendPage(reply, 200, "Customers", customerListContent(store.customers.list().slice(0, 50))),
  );
  registerTermsPage(app, deps);
  registerWeatherPage(app, deps.weather, sendPage);
  const byToken = <T extends { token: string }>(things: T[], token: string) =>
    things.find((one) => one.token === token);
  const deliveriesOf = ({ id }: Customer) =>
    store.deliveries
      .list()
      .filter(({ objectId }) => objectId === id)
      .slice(0, 50);

  app.get<{ Params: { token: string } }>("/verify/:token", async (request, reply) => {
    const { token } = request.params;
    const link = byToken(store.links.list(), token);
    if (link) return reply.redirect(`/verify/${await begin(deps, link)}`, 303);
    const customer = byToken(store.customers.list(), token);
    if (!customer) return notFound(reply);
    return sendPage(reply, 200, "Verify your identity", customerContent(customer, deliveriesOf(customer)));
  });

  app.post<{ Params: { token: string; action: string } }>("/verify/:token/:action", async (request, reply) => {
    const { token, action } = request.params;
    const customer = byToken(store.customers.list(), token);
    if (!customer) return notFound(reply);
    const performed = await performAction(deps, customer, { action, body: request.body });
    if (!("problem" in performed)) return reply.redirect(`/verify/${token}`, 303);
    const content = customerContent(customer, deliveriesOf(customer), performed.problem);
    return sendPage(reply, performed.httpStatus, "Not possible now", content);
  });
}

async function begin(deps: PageDeps, link: KycLink): Promise<string> {
  const { customer, deliveries } = beginLink(deps, link);
  await deps.courier.deliver(deliveries);
  return customer.token;
}

/** On acceptance the browser goes back with `signed_agreement_id` (Bridge, "Terms of Service"). */
function registerTermsPage(app: FastifyInstance, deps: PageDeps): void {
  const { store } = deps;
  app.get<{ Querystring: TermsQuery }>("/accept-terms-of-service", (request, reply) => {
    const { customer_id, session_token, redirect_uri } = request.query;
    const back = redirect_uri === undefined ? undefined : readBack(redirect_uri);
    if (back === null) return notFound(reply);
    const fields = { customer_id, session_token, redirect_uri };
    const given = Object.entries(fields).filter(([, value]) => value !== undefined);
    return sendPage(reply, 200, "Terms of service", termsContent(Object.fromEntries(given)), back?.origin);
  });

  app.post<{ Body: TermsQuery }>("/accept-terms-of-service", async (request, reply) => {
    const { customer_id, session_token, redirect_uri } = request.body ?? {};
    const link = store.links.list().find(({ token }) => token === session_token);
    const customer = store.customers.find(customer_id ?? link?.customerId ?? "");
    if (customer_id !== undefined && !customer) return notFound(reply);
    const { signedAgreementId, deliveries } = acceptTerms(deps, { customer, link });
    await deps.courier.deliver(deliveries);
    const back = redirect_uri === undefined ? undefined : readBack(redirect_uri);
    if (!back) return sendPage(reply, 200, "Terms accepted", acceptedContent());
    back.searchParams.set("signed_agreement_id", signedAgreementId);
    return reply.redirect(back.href, 303);
  });
}

/** Null for what no browser should be sent to. */
function readBack(text: string): URL | null {
  const url = URL.parse(text);
  return url && /^https?:$/.test(url.protocol) ? url : null;
}

function notFound(reply: FastifyReply) {
  const text =
    "There is no such customer or page in this sandbox. The link may be cut off, or the sandbox was emptied.";
  return sendPage(reply, 404, "Not found", messageContent(text));
}

function messageContent(text: string): Html {
  return html`<section class="card"><h1>That did not work</h1><p>${text}</p><p><a href="/">All customers</a></p></section>`;
}

/** A form may lead back to the application by a redirect, which browsers hold against `form-action`. */
function sendPage(reply: FastifyReply, httpStatus: number, title: string, content: Html, formOrigin = "") {
  const nonce = newNonce();
  const headers = pageHeaders(nonce);
  headers["content-security-policy"] = headers["content-security-policy"]?.replace(
    "form-action 'self'",
    `form-action 'self' ${formOrigin}`.trimEnd(),
  ) as string;
  const body = page({ title: `${title} · Bridge sandbox double`, nonce, banner, content });
  return reply.code(httpStatus).headers(headers).send(body);
}

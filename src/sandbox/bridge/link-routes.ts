import type { ApiDeps, ApiEndpoint } from "./api-endpoint.ts";
import { badFields, failures, missingFields } from "./api-errors.ts";
import { makeLink } from "./change-customer.ts";
import type { KycLink } from "./customer.ts";
import { linkObject } from "./object-views.ts";
import { pageOf } from "./page-of.ts";
import { isGiven } from "./read-customer-request.ts";

/** KYC links: one for each e-mail address. */
export function answerLinks(deps: ApiDeps): ApiEndpoint[] {
  const { store, courier, publicUrl } = deps;
  const show = (link: KycLink) =>
    linkObject(publicUrl(), link, link.customerId === null ? undefined : store.customers.find(link.customerId));
  return [
    {
      method: "GET",
      path: "/kyc_links",
      answer: ({ query }) => {
        const { email, customer_id: customerId } = query;
        const fits = ({ given, customerId: own }: KycLink) =>
          (email === undefined || given.email === email) && (customerId === undefined || own === customerId);
        return pageOf(store.links.list().filter(fits), query, show);
      },
    },
    {
      method: "POST",
      path: "/kyc_links",
      answer: ({ body }) => {
        if (!isGiven(body)) return badFields({ body: "must be a JSON object" });
        const missing = ["email", "type"].filter((field) => typeof body[field] !== "string");
        if (missing.length > 0) return missingFields(missing);
        const { redirect_uri: back } = body;
        if (back !== undefined && !/^https?:$/.test(URL.parse(String(back))?.protocol ?? ""))
          return badFields({ redirect_uri: "must be a http or https URL" });
        const same = store.links.list().find(({ given }) => given.email === body.email);
        if (same) {
          const message = "A KYC link has already been created for this email address";
          return { status: 400, body: { code: "duplicate_record", message, existing_kyc_link: show(same) } };
        }
        const { link, deliveries } = makeLink(deps, body);
        return { status: 200, body: show(link), after: () => courier.deliver(deliveries) };
      },
    },
    {
      method: "GET",
      path: "/kyc_links/:id",
      answer: ({ params }) => {
        const link = store.links.find(params.id ?? "");
        return link ? { status: 200, body: show(link) } : failures.notFound;
      },
    },
  ];
}

import type { ApiAnswer, ApiCall, ApiDeps, ApiEndpoint } from "./api-endpoint.ts";
import { failures } from "./api-errors.ts";
import { acceptTerms, changeStatus, makeCustomer } from "./change-customer.ts";
import type { Customer } from "./customer.ts";
import { customerObject } from "./object-views.ts";
import { pageOf } from "./page-of.ts";
import { performAction } from "./perform-action.ts";
import { checkCustomer, isGiven } from "./read-customer-request.ts";
import { findScenario } from "./scenarios.ts";

/** Customers, their own links, and the approval that only the sandbox knows. */
export function answerCustomers(deps: ApiDeps): ApiEndpoint[] {
  const { store, courier, settings, publicUrl } = deps;
  const found = (answer: (customer: Customer, call: ApiCall) => ApiAnswer) => (call: ApiCall) => {
    const customer = store.customers.find(call.params.id ?? "");
    return customer && !customer.isDeleted ? answer(customer, call) : failures.notFound;
  };
  const present = () => store.customers.list().filter(({ isDeleted }) => !isDeleted);
  const ownLink = (path: (customer: Customer) => string) =>
    found((customer) =>
      settings.customerLinks ? { status: 200, body: { url: `${publicUrl()}${path(customer)}` } } : failures.notFound,
    );
  return [
    { method: "GET", path: "/customers", answer: ({ query }) => pageOf(present(), query, customerObject) },
    {
      method: "POST",
      path: "/customers",
      answer: ({ body }) => {
        const failure = checkCustomer(body, deps.clock.now());
        if (failure || !isGiven(body)) return failure ?? failures.notFound;
        const { customer, deliveries } = makeCustomer(deps, body);
        const after = async () => {
          await courier.deliver(deliveries);
          const name = customer.given.first_name;
          if (findScenario(name)) await performAction(deps, customer, { action: "scenario", body: { name } });
        };
        return { status: 201, body: customerObject(customer), after };
      },
    },
    {
      method: "GET",
      path: "/customers/:id",
      answer: found((customer) => ({ status: 200, body: customerObject(customer) })),
    },
    { method: "PUT", path: "/customers/:id", answer: found((customer, call) => putCustomer(deps, customer, call)) },
    {
      method: "DELETE",
      path: "/customers/:id",
      answer: found((customer) => {
        customer.isDeleted = true;
        store.customers.save(customer);
        return { status: 200, body: customerObject(customer) };
      }),
    },
    { method: "GET", path: "/customers/:id/kyc_link", answer: ownLink(({ token }) => `/verify/${token}`) },
    {
      method: "GET",
      path: "/customers/:id/tos_acceptance_link",
      answer: ownLink(({ id }) => `/accept-terms-of-service?customer_id=${id}`),
    },
    {
      method: "POST",
      path: "/customers/tos_links",
      answer: () => {
        const url = `${publicUrl()}/accept-terms-of-service?session_token=sandbox`;
        return { status: 201, body: settings.tosShape === "a" ? { url } : { data: { url } } };
      },
    },
    {
      method: "POST",
      path: "/customers/:id/simulate_kyc_approval",
      answer: found((customer) => {
        const deliveries = [
          ...acceptTerms(deps, { customer }).deliveries,
          ...changeStatus(deps, customer, { status: "active" }),
        ];
        const message = "Customer KYC has been approved (sandbox only)";
        const body = { success: true, customer_id: customer.id, kyc_status: "approved", message };
        return { status: 200, body, after: () => courier.deliver(deliveries) };
      }),
    },
  ];
}

function putCustomer(deps: ApiDeps, customer: Customer, { body }: ApiCall): ApiAnswer {
  const failure = checkCustomer(body, deps.clock.now(), { partly: true });
  if (failure || !isGiven(body)) return failure ?? failures.notFound;
  customer.given = { ...customer.given, ...body };
  if (Array.isArray(body.endorsements)) customer.endorsements = body.endorsements as string[];
  deps.store.customers.save(customer);
  const accepted = body.signed_agreement_id === undefined ? [] : acceptTerms(deps, { customer }).deliveries;
  return { status: 200, body: customerObject(customer), after: () => deps.courier.deliver(accepted) };
}

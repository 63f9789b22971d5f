import { randomUUID } from "node:crypto";
import { providerUnavailable } from "../../errors.ts";
import type { Introduction } from "../../port.ts";
import { type Fields, fieldsOf, textOf } from "../read-fields.ts";
import { type BridgeAnswer, type BridgeDeps, callBridge } from "./call-bridge.ts";
import { endorsements } from "./introduce.ts";

/** The page where a person hands in what is missing; `linkId` where it is a KYC link with events of its own. */
export type KycPage = { url: string; linkId?: string };

/**
 * The page where a customer accepts the terms: the customer's own link, or where Bridge gives none, one that is bound to
 * nobody yet. The browser comes back to `returnTo`.
 *
 * @throws verification-provider-unavailable
 */
export async function getTermsLink(deps: BridgeDeps, customerId: string, returnTo: string): Promise<string> {
  const path = `/customers/${encodeURIComponent(customerId)}/tos_acceptance_link`;
  const own = readUrl(deps, await callBridge(deps, { method: "GET", path }));
  const idempotencyKey = randomUUID();
  const open = () => callBridge(deps, { method: "POST", path: "/customers/tos_links", idempotencyKey });
  const url = own ?? readUrl(deps, await open());
  if (url === undefined) {
    deps.log.error("the verification provider gave no terms link", { provider: "bridge" });
    throw providerUnavailable();
  }
  const link = new URL(url);
  link.searchParams.set("redirect_uri", returnTo);
  return link.href;
}

/**
 * The customer's own KYC page; where Bridge has none for them, a KYC link by their e-mail address, of which there is one:
 * `duplicate_record` brings the one that is there. Undefined where there is neither, or it is another customer's.
 *
 * @throws verification-provider-unavailable
 */
export async function findKycPage(
  deps: BridgeDeps,
  customerId: string,
  input: { introduction: Introduction; returnTo: string },
): Promise<KycPage | undefined> {
  const path = `/customers/${encodeURIComponent(customerId)}/kyc_link?endorsement=${endorsements[0]}`;
  const own = readUrl(deps, await callBridge(deps, { method: "GET", path }));
  if (own !== undefined) return { url: own };
  const { introduction, returnTo } = input;
  const { first_name, last_name, email } = JSON.parse(introduction.body) as Record<string, string>;
  const answer = await callBridge(deps, {
    method: "POST",
    path: "/kyc_links",
    idempotencyKey: `${introduction.idempotencyKey}.kyc-link`,
    body: JSON.stringify({
      full_name: `${first_name} ${last_name}`,
      email,
      type: "individual",
      endorsements,
      redirect_uri: returnTo,
    }),
  });
  return readLink(deps, customerId, linkOf(answer));
}

/** What GET /v0/kyc_links/{id} and its creation give, or what a refusal brings along. */
function linkOf(answer: BridgeAnswer): Fields | undefined {
  if (answer.kind === "answer") return fieldsOf(answer.json);
  return answer.problem.code === "duplicate_record" ? answer.problem.existingLink : undefined;
}

function readLink(deps: BridgeDeps, customerId: string, link: Fields | undefined): KycPage | undefined {
  const linkId = textOf(link?.id, 200);
  const url = textOf(link?.kyc_link, 4000);
  const owner = textOf(link?.customer_id, 200);
  if (linkId === null || url === null || !isPage(deps, url)) return undefined;
  if (owner !== null && owner !== customerId) {
    deps.log.error("the verification provider has another customer with the e-mail address of this one", {
      provider: "bridge",
    });
    return undefined;
  }
  return { url, linkId };
}

/** The guide shows `{url}`, the reference `{data: {url}}`. */
function readUrl(deps: BridgeDeps, answer: BridgeAnswer): string | undefined {
  const root = answer.kind === "answer" ? fieldsOf(answer.json) : undefined;
  const url = textOf(root?.url, 4000) ?? textOf(fieldsOf(root?.data)?.url, 4000);
  return url !== null && isPage(deps, url) ? url : undefined;
}

/** People are sent there: https, or http where the provider itself is spoken to by http (the local double). */
function isPage({ account }: BridgeDeps, url: string): boolean {
  const protocol = URL.parse(url)?.protocol;
  return protocol === "https:" || (protocol === "http:" && account.baseUrl.startsWith("http:"));
}

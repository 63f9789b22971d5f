import type { KycProvider, StartedSession } from "../../port.ts";
import type { BridgeDeps } from "./call-bridge.ts";
import { createCustomer, fetchCustomer } from "./customers.ts";
import { introduceToBridge } from "./introduce.ts";
import { findKycPage, getTermsLink } from "./links.ts";
import { isShapedLikeBridge, readBridgeWebhook } from "./read-webhook.ts";
import { signatureHeader, verifyBridgeWebhook } from "./verify-webhook.ts";

export type { BridgeAccount } from "./call-bridge.ts";

/** Bridge as a provider: a session is a customer, whom a person has for good. Its own field names and statuses stay in this folder. */
export function createBridge(deps: BridgeDeps): KycProvider {
  return {
    name: "bridge",
    sessionLivesSeconds: Number.POSITIVE_INFINITY,
    signatureHeader,
    customerColumn: "bridge_customer_id",
    keptHeaders: ["content-type", "user-agent", signatureHeader],
    introduce: introduceToBridge,
    startSession: (input) => openCustomer(deps, input),
    getTermsLink: (customerId, returnTo) => getTermsLink(deps, customerId, returnTo),
    isShapedLikeOwn: isShapedLikeBridge,
    verifyWebhook: (delivery) => verifyBridgeWebhook({ ...deps, keys: deps.account.webhookKeys }, delivery),
    readWebhook: readBridgeWebhook,
    fetchDecision: (customerId) => fetchCustomer(deps, customerId),
  };
}

type Start = Parameters<KycProvider["startSession"]>[0];

async function openCustomer(deps: BridgeDeps, { userId, callback, introduction }: Start): Promise<StartedSession> {
  if (!introduction) throw new Error("A person is introduced to Bridge before a customer is opened for them.");
  const customer = await createCustomer(deps, userId, introduction);
  const page = await findKycPage(deps, customer.id, { introduction, returnTo: callback });
  return {
    providerSessionId: customer.id,
    ...(page?.linkId === undefined ? {} : { alsoKnownAs: page.linkId }),
    url: page?.url ?? null,
    sessionToken: null,
    providerStatus: customer.status,
  };
}

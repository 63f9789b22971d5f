import { type CallOutside, createCallOutside } from "../../foundation/outbound/index.ts";
import type { KycDeps, Providers } from "./deps.ts";
import { createOpenSession, type OpenSession } from "./open-session.ts";
import { watchProvider } from "./provider-health.ts";
import { type BridgeAccount, createBridge } from "./providers/bridge/index.ts";
import { createVeriff, type VeriffAccount } from "./providers/veriff/index.ts";
import { createReceiveWebhook, type ReceiveWebhook } from "./receive-webhook.ts";

/** To where a person's browser may return from a provider's page. */
export type CallbackRules = {
  /** Usher's own address; its return page is the default. */
  publicUrl: string;
  /** Registered origins, as `URL.origin` writes them. */
  origins: readonly string[];
  /** In sandbox mode, Usher's own origin counts though it is http. */
  allowHttp: boolean;
};

/** The KYC room, put together. */
export type Kyc = KycDeps & { callbacks: CallbackRules; openSession: OpenSession; receiveWebhook: ReceiveWebhook };

/** Puts the KYC room together: each provider is one line here. */
export function createKyc(
  deps: Omit<KycDeps, "providers" | "health"> & {
    veriff: VeriffAccount;
    /** Absent where this installation does not work with Bridge. */
    bridge?: BridgeAccount;
    callbacks: CallbackRules;
    /** How providers are called; tests bring their own. */
    callOutside?: CallOutside;
    /** Further providers; tests bring their own. */
    providers?: Partial<Providers>;
  },
): Kyc {
  const { veriff, bridge, callOutside = createCallOutside(), ...rest } = deps;
  const { log, clock } = deps;
  const watched = { ...deps, callOutside };
  const health = { veriff: watchProvider(watched, "veriff"), bridge: watchProvider(watched, "bridge") };
  const callBridge = health.bridge.breaker.call;
  const providers = {
    veriff: createVeriff({ account: veriff, callOutside: health.veriff.breaker.call, log }),
    ...(bridge ? { bridge: createBridge({ account: bridge, callOutside: callBridge, log, clock }) } : {}),
    ...deps.providers,
  };
  const missing = deps.requiredProviders.find((name) => !providers[name]);
  if (missing) throw new Error(`KYC_REQUIRED_PROVIDERS names ${missing}, which is not configured: set its variables.`);
  const room = { ...rest, providers, health };
  return { ...room, openSession: createOpenSession(room), receiveWebhook: createReceiveWebhook(room) };
}

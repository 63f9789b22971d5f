export { type CallbackRules, createKyc, type Kyc } from "./create-kyc.ts";
export { describeProviders, listProviderHealth, type ProviderReport } from "./describe-providers.ts";
export {
  providerUnavailable,
  verificationNotAllowed,
  verificationStarting,
  webhookRefused,
  webhookTooOld,
} from "./errors.ts";
export { forgetIntroductions } from "./introductions/introductions.queries.ts";
export type { SessionOrder } from "./open-session.ts";
export type { KycProvider, ProviderName, Verdict } from "./port.ts";
export type { BridgeAccount } from "./providers/bridge/index.ts";
export type { VeriffAccount } from "./providers/veriff/index.ts";
export { pruneDeliveries } from "./prune-deliveries.ts";
export type { Received, ReceiveWebhook } from "./receive-webhook.ts";
export { reconcileSessions } from "./reconcile-sessions.ts";
export { kycRoutes } from "./routes.ts";
export { findLink, type SessionLink } from "./seal-link.ts";
export { forgetSessions, listPeopleWithSessions, listSessions, listSessionsOfPeople } from "./sessions.queries.ts";
export type { OriginalRequest, Purpose, SessionRow, SessionState } from "./tables.ts";

export { serveAuthorizationPage } from "./apps/serve-authorization-page.ts";
export { type Authenticate, createAuthenticate } from "./authenticate.ts";
export { bootstrapAdmin } from "./bootstrap-admin.ts";
export { deleteExpiredSecrets, deleteOldThrottles } from "./clean-up.ts";
export { forgetCredentials } from "./forget-credentials.ts";
export type { IdentityDeps } from "./identity-deps.ts";
export type { IdentityProvider } from "./identity-provider.ts";
export { issueLoginLink } from "./login-link.ts";
export { createTokenMachinery, deleteExpiredRecords, type TokenPair, type Tokens } from "./oidc/index.ts";
export {
  createPoolAccounts,
  handlePoolJobs,
  type PoolAccounts,
  poolJobs,
  repairSignUps,
} from "./pool-accounts/index.ts";
export {
  type CognitoSettings,
  cognitoIssuer,
  createCognitoProvider,
  isEmulator,
  locatePool,
} from "./providers/cognito/index.ts";
export { createEmbeddedProvider } from "./providers/embedded/embedded-provider.ts";
export { createPasswordHashing } from "./providers/embedded/hash-password.ts";
export { recordLoginEnd } from "./record-login-end.ts";
export { accountMayAct } from "./require-access.ts";
export { identityRoutes } from "./routes.ts";
export {
  createOperatorRule,
  deleteAbandonedLogIns,
  type PasskeySite,
  passkeySiteOf,
} from "./second-factor/index.ts";
export { reloadTokenKeys } from "./signing-keys/rotate-token-key.ts";
export { createThrottles, type Throttles } from "./throttle.ts";
export {
  createFindForeignCaller,
  createForeignTokenVerifier,
  deleteForeignLoginsBefore,
  type ForeignTokenVerifier,
  type IssuerSettings,
  openIdIssuer,
  type TrustedIssuer,
} from "./trusted-issuers/index.ts";
export { type Chain, createChain, findPrimaryWallets, type WalletSettings, walletRoutes } from "./wallets/index.ts";

export { createTokenMachinery, type TokenMachineryDeps, type Tokens } from "./create-token-machinery.ts";
export { deleteExpiredRecords } from "./delete-expired-records.ts";
export { invalidRefreshToken } from "./errors.ts";
export type { LoginEnd } from "./find-account.ts";
export { findLiveGrants } from "./find-live-grants.ts";
export { createNoteUse } from "./idle-logins.ts";
export type { TokenPair } from "./issue-tokens.ts";
export { findRevokedTokens } from "./revoked-tokens.ts";
export type { ServiceToken, UserToken, VerifiedToken } from "./verify-access-token.ts";

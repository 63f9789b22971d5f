export {
  createFindForeignCaller,
  type FindForeignCaller,
  isOfThatSecondOrBefore,
} from "./find-foreign-callers.ts";
export {
  deleteForeignLoginsBefore,
  deleteForeignLoginsOfUser,
  endForeignLogin,
  endForeignLoginsOfUser,
  endOtherForeignLogins,
  findUsedToken,
  insertUsedToken,
  isForeignLogin,
  noteSecondFactor,
  upsertForeignLogin,
} from "./foreign-logins.queries.ts";
export { type IssuerSettings, openIdIssuer } from "./open-id-issuer.ts";
export { secondsClaim, type TrustedIssuer, textClaim } from "./trusted-issuer.ts";
export { createForeignTokenVerifier, type ForeignToken, type ForeignTokenVerifier } from "./verify-foreign-token.ts";

export {
  type ArbitratorsDeps,
  arbitratorsRoutes,
  registerArbitrator,
  withdrawVerification,
} from "./arbitrators/index.ts";
export { changeRole } from "./change-role.ts";
export { changeStatus } from "./change-status.ts";
export type { ForgetPerson } from "./erase-user.ts";
export { emailTaken, ladderRefused, phoneTaken, userNotFound, verifiedDataLocked } from "./errors.ts";
export { insertUser, type NewUser } from "./insert-user.ts";
export { requireGrantable } from "./ladder.ts";
export type { ListAdministeredOrganisations } from "./list-users.ts";
export { lockTarget } from "./lock-target.ts";
export { lockUser } from "./lock-user.ts";
export { type EndSessions, type MoveDeps, moveUser, type RestoreAccess, type UserMove } from "./move-user.ts";
export { type PresentedUser, presentUser, userEtag } from "./present-user.ts";
export {
  countrySchema,
  dateSchema,
  documentNumberSchema,
  lineSchema,
  nameSchema,
  phoneSchema,
  readCountry,
  readDateOfBirth,
  readPhoneNumber,
} from "./profile-fields.ts";
export { createGate, type Gate } from "./read-gate.ts";
export { getUser } from "./read-user.ts";
export { type UsersDeps, usersRoutes } from "./routes.ts";
export {
  idTypeSchema,
  idTypes,
  reasonSchema,
  roleSchema,
  typeSchema,
  userParams,
  userSchema,
  uuidSchema,
} from "./schemas.ts";
export { type DocumentField, maskNumber, sealDocument } from "./seal-document.ts";
export { setFlag, type UserFlag } from "./set-flag.ts";
export { type KycFields, setKycFields } from "./set-kyc-fields.ts";
export type { IdType, UserChanges, UserRow } from "./tables.ts";
export {
  type CallerStanding,
  deleteEndedRetention,
  findFreeUsersForUpdate,
  findStandings,
  findUser,
  findUserByEmail,
  isEmailTaken,
  isPhoneTaken,
  setOrganisations,
} from "./users.queries.ts";
export { type ProfileChanges, writeProfile } from "./write-profile.ts";

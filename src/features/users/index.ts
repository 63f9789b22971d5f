export { changeRole } from "./change-role.ts";
export { changeStatus } from "./change-status.ts";
export type { ForgetPerson } from "./erase-user.ts";
export { emailTaken, ladderRefused, userNotFound } from "./errors.ts";
export { insertUser, type NewUser } from "./insert-user.ts";
export { requireGrantable } from "./ladder.ts";
export type { ListAdministeredOrganisations } from "./list-users.ts";
export { lockUser } from "./lock-user.ts";
export { type EndSessions, type MoveDeps, moveUser, type UserMove } from "./move-user.ts";
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
export { type KycFields, setKycFields } from "./set-kyc-fields.ts";
export type { IdType, UserChanges, UserRow } from "./tables.ts";
export {
  type CallerStanding,
  deleteEndedRetention,
  findStandings,
  findUser,
  findUserByEmail,
  setOrganisations,
} from "./users.queries.ts";

import type { Insertable, Selectable, Updateable } from "kysely";
import type { Database } from "../../foundation/database/index.ts";
import type { UserRole, UserType } from "../access/index.ts";
import type { UserStatus } from "../lifecycle/index.ts";

/** The vocabularies that the database checks, as types. */
type Words = {
  role: UserRole;
  type: UserType;
  status: UserStatus;
  status_before: UserStatus | null;
  account_type: "standard" | "arbitrator";
  id_type: IdType | null;
  additional_id_type: IdType | null;
};

/** IDType of the PCX document. */
export type IdType = "passport" | "drivers_license" | "national_id" | "other";

/** One user as stored. */
export type UserRow = Omit<Selectable<Database["users"]>, keyof Words> & Words;

/** A user to be inserted: the server sets id, status, times and version. */
export type NewUserRow = Insertable<Database["users"]>;

/** Columns to be changed. */
export type UserChanges = Updateable<Database["users"]>;

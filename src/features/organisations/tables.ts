import type { Selectable } from "kysely";
import type { Database } from "../../foundation/database/index.ts";

/** The roles of a membership. */
export const memberRoles = ["admin", "staff", "user"] as const;

export type MemberRole = (typeof memberRoles)[number];

/** One organisation as stored. */
export type OrganisationRow = Selectable<Database["organisations"]>;

/** One membership as stored. */
export type MemberRow = Omit<Selectable<Database["organisation_members"]>, "role"> & { role: MemberRole };

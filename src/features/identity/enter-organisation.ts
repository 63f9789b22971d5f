import type { Transaction } from "kysely";
import type { Database } from "../../foundation/database/index.ts";
import { invalidRequest } from "../../foundation/errors/common.ts";
import type { Actor } from "../journal/index.ts";
import { createOrganisation, findOrganisation, joinOrganisation } from "../organisations/index.ts";
import { findUser, type UserRow } from "../users/index.ts";
import type { IdentityDeps } from "./identity-deps.ts";
import type { Registration } from "./read-registration.ts";

/** Looks for the organisation to be joined before anything slow is done. @throws invalid-request naming org_id */
export async function requireOrganisation(
  deps: Pick<IdentityDeps, "db">,
  { organisation }: Pick<Registration, "organisation">,
): Promise<void> {
  if (!organisation || "found" in organisation || (await findOrganisation(deps.db, organisation.join))) return;
  throw invalidRequest({ errors: { org_id: ["is not an organisation"] } });
}

/** Founds or joins the organisation that a registration names; gives the user as it stands afterwards. */
export async function enterOrganisation(
  deps: Pick<IdentityDeps, "clock" | "ids" | "journal">,
  trx: Transaction<Database>,
  input: { user: UserRow; registration: Pick<Registration, "organisation">; actor: Actor; requestId: string },
): Promise<UserRow> {
  const { user, actor, requestId } = input;
  const { organisation } = input.registration;
  if (!organisation) return user;
  if ("found" in organisation) {
    await createOrganisation(deps, trx, { name: organisation.found, founder: user.user_id, actor, requestId });
  } else {
    const { join, role } = organisation;
    await joinOrganisation(deps, trx, { orgId: join, userId: user.user_id, role, actor, requestId });
  }
  return (await findUser(trx, user.user_id)) ?? user;
}

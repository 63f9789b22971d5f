import type { Transaction } from "kysely";
import type { Database } from "../../foundation/database/index.ts";
import type { Actor } from "../journal/index.ts";
import { setOrganisations } from "../users/index.ts";
import type { OrganisationDeps } from "./create-organisation.ts";
import { alreadyMember, organisationNotFound } from "./errors.ts";
import { insertMember, listOrganisationIds, lockOrganisation } from "./organisations.queries.ts";
import type { MemberRole, MemberRow } from "./tables.ts";

/**
 * Makes a user member of an organisation, in the caller's transaction.
 *
 * @throws organisation-not-found, already-a-member
 */
export async function joinOrganisation(
  deps: OrganisationDeps,
  trx: Transaction<Database>,
  input: { orgId: string; userId: string; role: MemberRole; actor: Actor; requestId?: string },
): Promise<MemberRow> {
  if (!(await lockOrganisation(trx, input.orgId))) throw organisationNotFound();
  const now = deps.clock.now();
  const member = await insertMember(trx, {
    org_id: input.orgId,
    user_id: input.userId,
    role: input.role,
    added_by: input.actor.id,
    created_at: now,
  });
  if (!member) throw alreadyMember();
  await setOrganisations(trx, input.userId, await listOrganisationIds(trx, input.userId), now);
  await deps.journal.record(trx, {
    actor: input.actor,
    action: "user.organisation-joined",
    subject: { kind: "user", id: input.userId },
    changes: { organisation: { before: null, after: input.orgId }, member_role: { before: null, after: input.role } },
    requestId: input.requestId,
  });
  return member;
}

import type { Transaction } from "kysely";
import type { Database } from "../../foundation/database/index.ts";
import type { Actor } from "../journal/index.ts";
import { findUser, lockUser, setOrganisations } from "../users/index.ts";
import type { OrganisationDeps } from "./create-organisation.ts";
import { lastAdmin, memberNotFound, organisationNotFound } from "./errors.ts";
import {
  countAdmins,
  deleteMember,
  findMember,
  listOrganisationIds,
  lockOrganisation,
  updateMemberRole,
} from "./organisations.queries.ts";
import type { MemberRole, MemberRow } from "./tables.ts";

type MemberOrder = { orgId: string; userId: string; actor: Actor; requestId?: string };

/**
 * Gives a member another role.
 *
 * @throws organisation-not-found, member-not-found, last-organisation-admin
 */
export async function changeMemberRole(
  deps: OrganisationDeps,
  trx: Transaction<Database>,
  order: MemberOrder & { role: MemberRole },
): Promise<MemberRow> {
  const member = await lockMember(trx, order);
  if (order.role !== "admin") await keepAnAdmin(trx, member);
  const changed = await updateMemberRole(trx, order.orgId, order.userId, order.role);
  await deps.journal.record(trx, {
    actor: order.actor,
    action: "user.organisation-role-changed",
    subject: { kind: "user", id: order.userId },
    changes: {
      organisation: { before: order.orgId, after: order.orgId },
      member_role: { before: member.role, after: order.role },
    },
    requestId: order.requestId,
  });
  return changed;
}

/**
 * Takes a member out of the organisation.
 *
 * @throws organisation-not-found, member-not-found, last-organisation-admin
 */
export async function removeMember(
  deps: OrganisationDeps,
  trx: Transaction<Database>,
  order: MemberOrder,
): Promise<void> {
  // The person before the organisation, as everywhere: an erasure under way has the same order.
  if (await findUser(trx, order.userId)) await lockUser(trx, order.userId);
  const member = await lockMember(trx, order);
  await keepAnAdmin(trx, member);
  await leave(deps, trx, member, order);
}

/** Takes an erased person out of every organisation; an organisation may be left without admin by that. */
export async function leaveAllOrganisations(
  deps: OrganisationDeps,
  trx: Transaction<Database>,
  userId: string,
): Promise<void> {
  // In one order for everybody: two people with the same organisations may be erased at the same moment.
  for (const orgId of (await listOrganisationIds(trx, userId)).sort()) {
    const member = await lockMember(trx, { orgId, userId });
    await leave(deps, trx, member, { orgId, userId, actor: { kind: "system", id: "erasure" } });
  }
}

async function leave(
  deps: OrganisationDeps,
  trx: Transaction<Database>,
  member: MemberRow,
  order: MemberOrder,
): Promise<void> {
  await deleteMember(trx, order.orgId, order.userId);
  await setOrganisations(trx, order.userId, await listOrganisationIds(trx, order.userId), deps.clock.now());
  await deps.journal.record(trx, {
    actor: order.actor,
    action: "user.organisation-left",
    subject: { kind: "user", id: order.userId },
    changes: { organisation: { before: order.orgId, after: null }, member_role: { before: member.role, after: null } },
    requestId: order.requestId,
  });
}

async function lockMember(
  trx: Transaction<Database>,
  { orgId, userId }: { orgId: string; userId: string },
): Promise<MemberRow> {
  if (!(await lockOrganisation(trx, orgId))) throw organisationNotFound();
  const member = await findMember(trx, orgId, userId);
  if (!member) throw memberNotFound();
  return member;
}

/** The organisation's lock, held since `lockMember`, makes the count stand still. */
async function keepAnAdmin(trx: Transaction<Database>, member: MemberRow): Promise<void> {
  if (member.role === "admin" && (await countAdmins(trx, member.org_id)) === 1) throw lastAdmin();
}

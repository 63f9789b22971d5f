import type { Transaction } from "kysely";
import { type Static, Type } from "typebox";
import type { Cursors, PlatformSeal } from "../../foundation/crypto/index.ts";
import { type Database, type Db, runOnce } from "../../foundation/database/index.ts";
import { closed, created, nullable, ok, oneOf, type Route } from "../../foundation/http/index.ts";
import { admin, anyOf, type Caller, plugged, route, type UserCaller } from "../access/index.ts";
import { actorOf } from "../journal/index.ts";
import { lockUser, nameSchema, userNotFound, uuidSchema } from "../users/index.ts";
import { changeMemberRole, removeMember } from "./change-member.ts";
import { createOrganisation, type OrganisationDeps } from "./create-organisation.ts";
import { alreadyMember, lastAdmin, memberNotFound, organisationNotFound } from "./errors.ts";
import { joinOrganisation } from "./join-organisation.ts";
import { findMember, findOrganisation, listMemberRows, type MemberPlace } from "./organisations.queries.ts";
import { type MemberRow, memberRoles, type OrganisationRow } from "./tables.ts";

type Deps = OrganisationDeps & { db: Db; seal: PlatformSeal; cursors: Cursors };

export const memberRoleSchema = oneOf(memberRoles);
const organisationSchema = closed({
  org_id: Type.String({ examples: ["0199d3a1-7f00-7c21-8b5e-5d0c9e4f1a22"] }),
  name: Type.String({ examples: ["Marina Pay"] }),
  status: Type.String({ examples: ["active"] }),
  created_at: Type.String({ format: "date-time" }),
});
const memberSchema = closed({
  org_id: Type.String({ examples: ["0199d3a1-7f00-7c21-8b5e-5d0c9e4f1a22"] }),
  user_id: Type.String({ examples: ["0199d3a1-6c1e-7b44-9a0e-3f2d1c5b7a90"] }),
  role: memberRoleSchema,
  created_at: Type.String({ format: "date-time" }),
});
const organisationParams = closed({ org_id: uuidSchema });

const presentOrganisation = (row: OrganisationRow): Static<typeof organisationSchema> => ({
  org_id: row.org_id,
  name: row.name,
  status: row.status,
  created_at: row.created_at.toISOString(),
});
const presentMember = (row: MemberRow): Static<typeof memberSchema> => ({
  org_id: row.org_id,
  user_id: row.user_id,
  role: row.role,
  created_at: row.created_at.toISOString(),
});

/** Organisations and their members: made by operators, run by their own admins. */
export function organisationsRoutes(deps: Deps): Route<Caller>[] {
  const memberAdmin = plugged("a member admin of this organisation", async (caller, params) => {
    const orgId = String(params.org_id);
    return isUuid(orgId) && (await findMember(deps.db, orgId, caller.userId))?.role === "admin";
  });
  return [
    route({
      method: "POST",
      path: "/organizations",
      summary: "Make an organisation",
      tag: "Organisations",
      access: admin,
      idempotent: true,
      body: closed({ name: { ...nameSchema, examples: ["Marina Pay"] }, admin_user_id: Type.Optional(uuidSchema) }),
      answers: { 201: organisationSchema },
      errors: [userNotFound],
      handle: async ({ body, caller, requestId, once }) =>
        created(
          await runOnce(deps, once, async (trx) => {
            if (body.admin_user_id) await requireUser(trx, body.admin_user_id);
            return presentOrganisation(
              await createOrganisation(deps, trx, {
                name: body.name,
                founder: body.admin_user_id,
                actor: actorOf(caller),
                requestId,
              }),
            );
          }),
        ),
    }),
    route({
      method: "GET",
      path: "/organizations/:org_id",
      summary: "Read an organisation",
      tag: "Organisations",
      access: anyOf<UserCaller>(admin, memberAdmin),
      params: organisationParams,
      answers: { 200: organisationSchema },
      errors: [organisationNotFound],
      handle: async ({ params }) => {
        const organisation = await findOrganisation(deps.db, params.org_id);
        if (!organisation) throw organisationNotFound();
        return ok(presentOrganisation(organisation));
      },
    }),
    ...memberRoutes(deps, anyOf<UserCaller>(admin, memberAdmin)),
  ];
}

function memberRoutes(deps: Deps, access: ReturnType<typeof anyOf<UserCaller>>): Route<Caller>[] {
  return [
    route({
      method: "GET",
      path: "/organizations/:org_id/members",
      summary: "List an organisation's members, first joined first",
      tag: "Organisations",
      access,
      params: organisationParams,
      query: closed({
        limit: Type.Integer({ minimum: 1, maximum: 100, default: 50 }),
        last_evaluated_key: Type.Optional(Type.String({ maxLength: 500 })),
      }),
      answers: {
        200: closed({
          members: Type.Array(memberSchema),
          count: Type.Integer(),
          last_evaluated_key: nullable(Type.String()),
        }),
      },
      errors: [organisationNotFound],
      handle: async ({ params, query, caller }) => {
        if (!(await findOrganisation(deps.db, params.org_id))) throw organisationNotFound();
        const scope = ["members", caller.userId, params.org_id];
        const after =
          query.last_evaluated_key === undefined
            ? undefined
            : deps.cursors.decode<MemberPlace>(query.last_evaluated_key, scope, "last_evaluated_key");
        const rows = await listMemberRows(deps.db, params.org_id, query.limit + 1, after);
        const page = rows.slice(0, query.limit);
        const last = rows.length > query.limit ? page.at(-1) : undefined;
        return ok({
          members: page.map(presentMember),
          count: page.length,
          last_evaluated_key: last ? deps.cursors.encode({ createdAt: last.place, userId: last.user_id }, scope) : null,
        });
      },
    }),
    route({
      method: "POST",
      path: "/organizations/:org_id/members",
      summary: "Add a member",
      tag: "Organisations",
      access,
      idempotent: true,
      params: organisationParams,
      body: closed({ user_id: uuidSchema, role: memberRoleSchema }),
      answers: { 201: memberSchema },
      errors: [organisationNotFound, userNotFound, alreadyMember],
      handle: async ({ params, body, caller, requestId, once }) =>
        created(
          await runOnce(deps, once, async (trx) => {
            await requireUser(trx, body.user_id);
            return presentMember(
              await joinOrganisation(deps, trx, {
                orgId: params.org_id,
                userId: body.user_id,
                role: body.role,
                actor: actorOf(caller),
                requestId,
              }),
            );
          }),
        ),
    }),
    route({
      method: "PUT",
      path: "/organizations/:org_id/members",
      summary: "Change a member's role",
      tag: "Organisations",
      access,
      params: organisationParams,
      body: closed({ user_id: uuidSchema, role: memberRoleSchema }),
      answers: { 200: memberSchema },
      errors: [organisationNotFound, memberNotFound, lastAdmin],
      handle: async ({ params, body, caller, requestId }) => {
        const order = {
          orgId: params.org_id,
          userId: body.user_id,
          role: body.role,
          actor: actorOf(caller),
          requestId,
        };
        return ok(presentMember(await deps.db.transaction().execute((trx) => changeMemberRole(deps, trx, order))));
      },
    }),
    route({
      method: "DELETE",
      path: "/organizations/:org_id/members",
      summary: "Remove a member",
      tag: "Organisations",
      access,
      params: organisationParams,
      body: closed({ user_id: uuidSchema }),
      answers: { 200: closed({ message: Type.String({ examples: ["Member removed successfully"] }) }) },
      errors: [organisationNotFound, memberNotFound, lastAdmin],
      handle: async ({ params, body, caller, requestId }) => {
        const order = { orgId: params.org_id, userId: body.user_id, actor: actorOf(caller), requestId };
        await deps.db.transaction().execute((trx) => removeMember(deps, trx, order));
        return ok({ message: "Member removed successfully" });
      },
    }),
  ];
}

/** Locked before the organisation, as everywhere: an erasure under way is waited for, and a later one finds the membership. */
async function requireUser(trx: Transaction<Database>, userId: string): Promise<void> {
  const user = await lockUser(trx, userId);
  if (user.erased_at) throw userNotFound();
}

const isUuid = (text: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);

import { Type } from "typebox";
import { closed, created, ok, type Route } from "../../../foundation/http/index.ts";
import { admin, anyOf, type Caller, own, route, type UserCaller } from "../../access/index.ts";
import { userNotFound, userParams, uuidSchema } from "../../users/index.ts";
import type { IdentityDeps } from "../identity-deps.ts";
import type { IdentityRow } from "../tables.ts";
import { linkNotFound, subjectLinked } from "./errors.ts";
import { listForeignLinks } from "./foreign-links.queries.ts";
import { linkSubject, unlinkSubject } from "./link-subject.ts";

const linkSchema = closed({
  identity_id: uuidSchema,
  issuer: Type.String({ examples: ["https://login.example.com"] }),
  subject: Type.String({ examples: ["248289761001"] }),
  created_at: Type.String({ format: "date-time" }),
});

/** Which subjects of trusted issuers a user is. */
export function foreignLinkRoutes(deps: IdentityDeps): Route<Caller>[] {
  const shared = { path: "/users/:user_id/identities", tag: "Identity", params: userParams } as const;
  return [
    route({
      ...shared,
      method: "GET",
      summary: "List a user's links with trusted issuers",
      access: anyOf<UserCaller>(own("user_id"), admin),
      answers: { 200: closed({ identities: Type.Array(linkSchema) }) },
      handle: async ({ params }) => ok({ identities: (await listForeignLinks(deps.db, params.user_id)).map(present) }),
    }),
    route({
      ...shared,
      method: "POST",
      summary: "Link a trusted issuer's subject with a user",
      access: admin,
      body: closed({
        issuer: Type.String({ minLength: 1, maxLength: 300, examples: ["https://login.example.com"] }),
        subject: Type.String({ minLength: 1, maxLength: 255, examples: ["248289761001"] }),
      }),
      answers: { 201: linkSchema },
      errors: [userNotFound, subjectLinked],
      handle: async ({ params, body, caller, requestId }) =>
        created(present(await linkSubject(deps, { ...body, userId: params.user_id.toLowerCase(), caller, requestId }))),
    }),
    route({
      ...shared,
      method: "DELETE",
      path: "/users/:user_id/identities/:identity_id",
      summary: "Remove a link; the issuer's tokens count no more",
      access: admin,
      params: closed({ ...userParams.properties, identity_id: uuidSchema }),
      answers: { 200: closed({ message: Type.String({ examples: ["Link removed"] }) }) },
      errors: [userNotFound, linkNotFound],
      handle: async ({ params, caller, requestId }) => {
        const { user_id: userId, identity_id: identityId } = params;
        await unlinkSubject(deps, { userId: userId.toLowerCase(), identityId, caller, requestId });
        return ok({ message: "Link removed" });
      },
    }),
  ];
}

function present(row: IdentityRow) {
  const { identity_id, issuer, subject, created_at } = row;
  return { identity_id, issuer, subject, created_at: created_at.toISOString() };
}

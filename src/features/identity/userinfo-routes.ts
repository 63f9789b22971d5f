import { type Static, Type } from "typebox";
import type { Db } from "../../foundation/database/index.ts";
import { closed, ok, type Route } from "../../foundation/http/index.ts";
import { type Caller, route, signedIn } from "../access/index.ts";
import { getUser } from "../users/index.ts";

const optional = Type.Optional(Type.String());

/** Standard claims of OpenID Connect Core 1.0, section 5.1; what is not known is left out. */
const claimsSchema = closed(
  {
    sub: Type.String(),
    name: optional,
    given_name: optional,
    family_name: optional,
    email: optional,
    email_verified: Type.Optional(Type.Boolean()),
    phone_number: optional,
    phone_number_verified: Type.Optional(Type.Boolean()),
    updated_at: Type.Integer({ description: "Seconds since 1970." }),
  },
  {
    examples: [
      {
        sub: "0199d3a1-6c1e-7b44-9a0e-3f2d1c5b7a90",
        name: "Ada Okafor",
        given_name: "Ada",
        family_name: "Okafor",
        email: "ada@example.com",
        email_verified: true,
        updated_at: 1768469400,
      },
    ],
  },
);

/** UserInfo (OpenID Connect Core 1.0, section 5.3) for our JWTs, which oidc-provider does not take there. */
export function userinfoRoutes(deps: { db: Db }): Route<Caller>[] {
  return (["GET", "POST"] as const).map((method) =>
    route({
      method,
      path: "/oidc/userinfo",
      summary: "Who the token belongs to, as OpenID Connect claims",
      tag: "Identity",
      access: signedIn,
      answers: { 200: claimsSchema },
      handle: async ({ caller }) => ok(await readClaims(deps, caller.userId)),
    }),
  );
}

async function readClaims(deps: { db: Db }, userId: string): Promise<Static<typeof claimsSchema>> {
  const user = await getUser(deps, userId);
  const known = {
    name: [user.fname, user.lname].filter(Boolean).join(" "),
    given_name: user.fname,
    family_name: user.lname,
    email: user.email,
    phone_number: user.phone_number,
  };
  const told = Object.entries(known).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return {
    sub: user.user_id,
    ...Object.fromEntries(told),
    ...(user.email ? { email_verified: user.email_verified_at !== null } : {}),
    ...(user.phone_number ? { phone_number_verified: user.phone_verified_at !== null } : {}),
    updated_at: Math.floor(user.updated_at.getTime() / 1000),
  };
}

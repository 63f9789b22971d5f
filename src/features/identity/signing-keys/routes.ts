import { Type } from "typebox";
import { type KeyFacts, listSigningKeys } from "../../../foundation/crypto/index.ts";
import { closed, created, nullable, ok, type Route } from "../../../foundation/http/index.ts";
import { admin, type Caller, route } from "../../access/index.ts";
import { type KeyDeps, rotateTokenKey } from "./rotate-token-key.ts";

const time = Type.String({ format: "date-time" });

const keySchema = closed({
  kid: Type.String({ examples: ["tokens-2026-01-15-1f2e3d4c"] }),
  created_at: time,
  signs_from: time,
  retires_at: nullable(time),
});

/** The keys that sign tokens: operators see and rotate them. */
export function signingKeyRoutes(deps: KeyDeps): Route<Caller>[] {
  const shared = { tag: "Service accounts", access: admin } as const;
  return [
    route({
      ...shared,
      method: "GET",
      path: "/system/signing-keys",
      summary: "List the published keys, newest first",
      answers: { 200: closed({ keys: Type.Array(keySchema) }) },
      handle: async () => ok({ keys: (await listSigningKeys(deps, "tokens")).map(presentKey) }),
    }),
    route({
      ...shared,
      method: "POST",
      path: "/system/signing-keys/rotate",
      summary: "Make the next key: published for an hour, then in use",
      body: closed({
        compromised: Type.Optional(
          Type.Boolean({ description: "Change at once: every token signed until now counts no more." }),
        ),
      }),
      bodyOptional: true,
      answers: { 201: keySchema },
      handle: async ({ body, caller, requestId }) =>
        created(presentKey(await rotateTokenKey(deps, { compromised: body.compromised ?? false, caller, requestId }))),
    }),
  ];
}

function presentKey(key: KeyFacts) {
  return {
    kid: key.kid,
    created_at: key.createdAt.toISOString(),
    signs_from: key.signsFrom.toISOString(),
    retires_at: key.retiresAt?.toISOString() ?? null,
  };
}

import { Type } from "typebox";
import { closed, ok, type Route } from "../../../foundation/http/index.ts";
import { type Caller, route, signedIn } from "../../access/index.ts";
import type { IdentityDeps } from "../identity-deps.ts";
import { allowApp } from "./allow-app.ts";

const parameter = (example: string) => Type.String({ maxLength: 1024, examples: [example] });
const optional = Type.Optional(Type.String({ maxLength: 1024 }));

/** What the page of `/oidc/auth` asks when the person says yes. */
export function appRoutes(deps: IdentityDeps): Route<Caller>[] {
  return [
    route({
      method: "POST",
      path: "/oidc/auth/approval",
      summary: "Let an app act for you; the page at /oidc/auth calls it",
      tag: "Identity",
      access: signedIn,
      budget: "sensitive",
      body: closed({
        client_id: parameter("svc-0199d3a1-6c1e-7b44-9a0e-3f2d1c5b7a90"),
        redirect_uri: parameter("https://app.example.com/back"),
        response_type: parameter("code"),
        code_challenge: parameter("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        code_challenge_method: parameter("S256"),
        scope: optional,
        state: optional,
        nonce: optional,
        resource: optional,
      }),
      answers: { 200: closed({ redirect_to: Type.String({ examples: ["https://app.example.com/back?code=x"] }) }) },
      handle: async ({ body, caller, requestId }) => ok(await allowApp(deps, { params: body, caller, requestId })),
    }),
  ];
}

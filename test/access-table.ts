/**
 * The reviewed table of who gets which answer. Every mounted route has a row; a route without one fails the test.
 *
 * Statuses are those of a harmless request: a write is sent with `If-Match: "stale"`, for something that does not
 * exist, or with a body of the wrong form, so that 400, 404, 409 and 412 mean "let in", and 401 and 403 "kept out".
 */

/** The columns. `deactivated` sends a token from before the deactivation; both admins are members of one organisation. */
export const callers = [
  "anonymous",
  "bad token",
  "deactivated",
  "user",
  "member admin",
  "foreign admin",
  "operator",
] as const;

/** Further columns: service accounts, one with every permission and one with none. */
export const services = ["service", "bare service"] as const;

/**
 * What a route is about. For users, four cells: the caller's own record, somebody of the same organisation, somebody
 * else, nobody. For organisations, three: the caller's own (the operator: any), another, none. Else one cell.
 */
export const subjects = {
  user: ["own", "same", "other", "missing"],
  organisation: ["own", "other", "missing"],
  none: ["-"],
} as const;

export type SubjectKind = keyof typeof subjects;

/** One text stands for all subjects of a cell; otherwise one status a subject, in their order. */
export type Row = {
  route: string;
  subject: SubjectKind;
  cells: readonly [string, string, string, string, string, string, string];
  /** The service account with every permission; see `serviceCell` for those without a word here. */
  service?: string;
  /** The one without any, where that is not told by the rule of `serviceCell`. */
  bareService?: string;
  body?: unknown;
};

/** Where nothing is said, a service account is let in where everybody is, and kept out where a token must be a person's. */
export function serviceCell({ cells, service, bareService }: Row, caller: (typeof services)[number]): string {
  if (bareService !== undefined && caller === "bare service") return bareService;
  if (service !== undefined && caller === "service") return service;
  const [anonymous, , , user] = cells;
  return anonymous === "401" && cells.some((cell) => cell !== "401") ? "403" : user;
}

const nobody = "00000000-0000-7000-8000-000000000000";

const keptOut = ["401", "401", "401"] as const;
const everybody = (status: string) => [status, status, status, status, status, status, status] as const;
const signedIn = (status: string) => [...keptOut, status, status, status, status] as const;
const operator = (status: string) => [...keptOut, "403", "403", "403", status] as const;

/** A write that is let in stops at the stale If-Match, or finds nobody. */
const ownOrOperator = [...keptOut, "412 403 403 403", "412 403 403 403", "412 403 403 403", "412 412 412 404"] as const;
const ownOnly = (status: string) =>
  [...keptOut, ...Array<string>(4).fill(`${status} 403 403 403`)] as unknown as Row["cells"];
const operatorWrites = [...keptOut, "403", "403", "403", "412 412 412 404"] as const;
const organisationAdmin = (found: string) =>
  [...keptOut, "403", `${found} 403 403`, `${found} 403 403`, `${found} ${found} 404`] as const;

// biome-ignore format: a table reads best aligned
export const table: readonly Row[] = [
  // users                                                        anonymous, bad token, deactivated | user | member admin | foreign admin | operator
  { route: "GET /users/:user_id",            subject: "user", cells: [...keptOut, "200 403 403 403", "200 200 403 403", "200 403 403 403", "200 200 200 404"] },
  { route: "GET /users/:user_id/timeline",   subject: "user", cells: [...keptOut, "200 403 403 403", "200 403 403 403", "200 403 403 403", "200 200 200 404"] },
  { route: "GET /User/:id/status",           subject: "user", cells: [...keptOut, "200 403 403 403", "200 403 403 403", "200 403 403 403", "200 200 200 404"], service: "200 200 200 404" },
  { route: "PUT /users/:user_id",            subject: "user", cells: ownOrOperator,  body: { city: "Lagos" } },
  { route: "DELETE /users/:user_id",         subject: "user", cells: ownOrOperator },
  { route: "PUT /users/:user_id/activate",   subject: "user", cells: operatorWrites, body: { status: "active" } },
  { route: "PUT /users/:user_id/deactivate", subject: "user", cells: operatorWrites, body: { updated_by: "(own)" } },
  { route: "PUT /users/:user_id/status",     subject: "user", cells: operatorWrites, body: { status: "blocked", reason: "matrix" } },
  { route: "PUT /users/:user_id/role",       subject: "user", cells: operatorWrites, body: { role: "retail", reason: "matrix" } },
  { route: "GET /users/:user_id/permissions", subject: "user", cells: [...keptOut, "200 403 403 403", "200 403 403 403", "200 403 403 403", "200 200 200 404"] },
  { route: "PUT /users/:user_id/permissions", subject: "user", cells: operatorWrites, body: { permissions: [], reason: "matrix" } },
  { route: "GET /users/:user_id/identities",  subject: "user", cells: [...keptOut, "200 403 403 403", "200 403 403 403", "200 403 403 403", "200 200 200 200"] },
  { route: "POST /users/:user_id/identities", subject: "user", cells: [...keptOut, "403", "403", "403", "400"], body: { issuer: "https://nobody.example", subject: "1" } },
  { route: "DELETE /users/:user_id/identities/:identity_id", subject: "user", cells: [...keptOut, "403", "403", "403", "404"] },
  { route: "GET /users/list",                subject: "none", cells: [...keptOut, "403", "200", "200", "200"] },

  // organisations
  { route: "POST /organizations",                   subject: "none",         cells: operator("404"), body: { name: "Matrix", admin_user_id: nobody } },
  { route: "GET /organizations/:org_id",            subject: "organisation", cells: organisationAdmin("200") },
  { route: "GET /organizations/:org_id/members",    subject: "organisation", cells: organisationAdmin("200") },
  { route: "POST /organizations/:org_id/members",   subject: "organisation", cells: organisationAdmin("404"), body: { user_id: nobody, role: "user" } },
  { route: "PUT /organizations/:org_id/members",    subject: "organisation", cells: organisationAdmin("404"), body: { user_id: nobody, role: "user" } },
  { route: "DELETE /organizations/:org_id/members", subject: "organisation", cells: organisationAdmin("404"), body: { user_id: nobody } },

  // identity
  // without a password it is a profile's completion, which needs a caller; nobody here has a wallet
  { route: "POST /users/register",       subject: "none", cells: signedIn("400"), service: "401", bareService: "401", body: {} },
  { route: "GET /auth/nonce",            subject: "none", cells: everybody("200") },
  { route: "POST /auth/nonce",           subject: "none", cells: everybody("400"), body: {} },
  { route: "GET /auth/check-email-available/:email", subject: "none", cells: everybody("200") },
  { route: "POST /users/lookup",         subject: "none", cells: operator("404"), service: "404", body: { email: "nobody@example.com" } },
  { route: "GET /arbitrators",           subject: "none", cells: signedIn("200"), service: "200", bareService: "200" },
  { route: "PUT /users/:user_id/arbitrator/verification", subject: "user", cells: [...keptOut, "403", "403", "403", "403 404 404 404"], body: { verification: "verified", reason: "matrix" } },
  { route: "GET /users/:user_id/wallets",    subject: "user", cells: ownOnly("200") },
  { route: "POST /users/:user_id/wallets",   subject: "user", cells: ownOnly("400"), body: {} },
  { route: "DELETE /users/:user_id/wallets/:address",      subject: "user", cells: ownOnly("404") },
  { route: "PUT /users/:user_id/wallets/:address/primary", subject: "user", cells: ownOnly("404") },
  { route: "POST /users/confirm",        subject: "none", cells: everybody("400"), body: {} },
  { route: "POST /users/resend-code",    subject: "none", cells: everybody("400"), body: {} },
  { route: "POST /auth/login",           subject: "none", cells: everybody("400"), body: {} },
  { route: "POST /auth/login-link",      subject: "none", cells: everybody("400"), body: {} },
  { route: "POST /auth/refresh",         subject: "none", cells: everybody("400"), body: {} },
  { route: "POST /auth/forgot-password", subject: "none", cells: everybody("400"), body: {} },
  { route: "POST /auth/reset-password",  subject: "none", cells: everybody("400"), body: {} },
  { route: "POST /auth/logout",          subject: "none", cells: signedIn("400"), body: { everywhere: "yes" } },
  { route: "GET /auth/me",               subject: "none", cells: signedIn("200") },

  // second factors, phone and questionnaire: of the own account; operators see and remove
  { route: "POST /auth/login/second-factor",       subject: "none", cells: everybody("400"), body: {} },
  { route: "POST /users/:user_id/sca",             subject: "user", cells: ownOnly("400"), body: {} },
  { route: "POST /users/:user_id/sca/verify",      subject: "user", cells: ownOnly("400"), body: {} },
  { route: "POST /users/:user_id/sca/challenge",   subject: "user", cells: ownOnly("404") },
  { route: "GET /users/:user_id/sca",              subject: "user", cells: [...keptOut, "200 403 403 403", "200 403 403 403", "200 403 403 403", "200 200 200 404"] },
  { route: "DELETE /users/:user_id/sca",           subject: "user", cells: [...keptOut, "400 403 403 403", "400 403 403 403", "400 403 403 403", "400 404 404 404"], body: { reason: "matrix" } },
  { route: "POST /users/:user_id/phone/send-code", subject: "user", cells: ownOnly("409") },
  { route: "POST /users/:user_id/phone/verify",    subject: "user", cells: ownOnly("400"), body: {} },
  { route: "GET /questionnaire",                   subject: "none", cells: signedIn("200") },
  { route: "PUT /users/:user_id/additional-data",  subject: "user", cells: ownOnly("400"), body: {} },

  // verification; without a session 404 is the answer of one who was let in
  { route: "POST /ekyc/me/sessions",            subject: "none", cells: signedIn("400"), body: { callback: "javascript:alert(1)" } },
  { route: "GET /ekyc/me/sessions",             subject: "none", cells: signedIn("404") },
  { route: "GET /ekyc/me/sessions/current",     subject: "none", cells: signedIn("404") },
  { route: "GET /ekyc/me/status",               subject: "none", cells: signedIn("200") },
  { route: "GET /ekyc/admin",                   subject: "none", cells: operator("200"), service: "200" },
  { route: "GET /ekyc/admin/:userId/sessions",  subject: "user", cells: operator("404"), service: "404" },
  { route: "POST /ekyc/admin/:userId/sessions", subject: "user", cells: operator("400"), service: "400", body: { callback: "javascript:alert(1)" } },
  { route: "GET /ekyc/admin/:userId/status",    subject: "user", cells: operator("200 200 200 404"), service: "200 200 200 404" },
  { route: "POST /users/:user_id/bridge-kyc",   subject: "user", cells: [...keptOut, "400 403 403 403", "400 403 403 403", "400 403 403 403", "400 400 400 400"], body: {} },
  // Only the provider's signature counts here; a token neither helps nor harms.
  { route: "POST /users/webhook-kyc",           subject: "none", cells: everybody("401"), body: { status: "success" } },
  { route: "POST /users/webhook/kyc",           subject: "none", cells: everybody("401"), body: { event_type: "customer.updated" } },
  { route: "GET /webhooks/inbox",               subject: "none", cells: operator("200") },
  { route: "GET /webhooks/inbox/:delivery_id",  subject: "none", cells: operator("404") },
  { route: "POST /webhooks/inbox/:delivery_id/replay", subject: "none", cells: operator("404") },
  { route: "POST /webhooks/inbox/:delivery_id/attach", subject: "none", cells: operator("404"), body: { user_id: nobody, reason: "x" } },

  // operations, documentation and pages
  { route: "GET /system/providers",  subject: "none", cells: operator("200") },
  { route: "GET /livez",             subject: "none", cells: everybody("200") },
  { route: "GET /readyz",            subject: "none", cells: everybody("200") },
  { route: "GET /version",           subject: "none", cells: everybody("200") },
  { route: "GET /metrics",           subject: "none", cells: everybody("200") },
  { route: "GET /openapi.json",      subject: "none", cells: everybody("200") },
  { route: "GET /docs",              subject: "none", cells: everybody("301") },
  { route: "GET /docs/",             subject: "none", cells: everybody("200") },
  { route: "GET /docs/js/scalar.js", subject: "none", cells: everybody("200") },
  { route: "GET /docs/errors/:code", subject: "none", cells: everybody("200") },
  { route: "GET /ekyc/return",       subject: "none", cells: everybody("200") },

  // service accounts, keys
  { route: "POST /service-accounts",                   subject: "none", cells: operator("400"), body: {} },
  { route: "GET /service-accounts",                    subject: "none", cells: operator("200") },
  { route: "PUT /service-accounts/:client_id",         subject: "none", cells: operator("404"), body: {} },
  { route: "DELETE /service-accounts/:client_id",      subject: "none", cells: operator("404") },
  { route: "POST /service-accounts/:client_id/rotate", subject: "none", cells: operator("404") },
  { route: "GET /system/signing-keys",                 subject: "none", cells: operator("200") },
  { route: "POST /system/signing-keys/rotate",         subject: "none", cells: operator("400"), body: { compromised: "yes" } },

  // the authorization server; it answers in the form of OAuth, and OPTIONS only to CORS preflights
  { route: "GET /.well-known/openid-configuration",     subject: "none", cells: everybody("200") },
  { route: "OPTIONS /.well-known/openid-configuration", subject: "none", cells: everybody("404") },
  { route: "GET /oidc/jwks",                            subject: "none", cells: everybody("200") },
  { route: "OPTIONS /oidc/jwks",                        subject: "none", cells: everybody("404") },
  { route: "POST /oidc/token",                          subject: "none", cells: everybody("400"), body: {} },
  { route: "OPTIONS /oidc/token",                       subject: "none", cells: everybody("404") },

  { route: "GET /oidc/auth",                            subject: "none", cells: everybody("400") },
  { route: "POST /oidc/auth/approval",                  subject: "none", cells: signedIn("400"), body: {} },
  { route: "POST /oidc/introspection",                  subject: "none", cells: everybody("400"), body: {} },
  { route: "OPTIONS /oidc/introspection",               subject: "none", cells: everybody("404") },
  { route: "POST /oidc/revocation",                     subject: "none", cells: everybody("400"), body: {} },
  { route: "OPTIONS /oidc/revocation",                  subject: "none", cells: everybody("404") },
  { route: "GET /oidc/userinfo",                        subject: "none", cells: signedIn("200") },
  { route: "POST /oidc/userinfo",                       subject: "none", cells: signedIn("200") },

  // sandbox only: these routes do not exist in production
  { route: "GET /sandbox/mailbox",     subject: "none", cells: everybody("200") },
  { route: "GET /sandbox/mailbox/:id", subject: "none", cells: everybody("404") },
  { route: "GET /sandbox/admin",       subject: "none", cells: everybody("200") },
];

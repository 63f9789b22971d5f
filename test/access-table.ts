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
  body?: unknown;
};

const nobody = "00000000-0000-7000-8000-000000000000";

const keptOut = ["401", "401", "401"] as const;
const everybody = (status: string) => [status, status, status, status, status, status, status] as const;
const signedIn = (status: string) => [...keptOut, status, status, status, status] as const;
const operator = (status: string) => [...keptOut, "403", "403", "403", status] as const;

/** A write that is let in stops at the stale If-Match, or finds nobody. */
const ownOrOperator = [...keptOut, "412 403 403 403", "412 403 403 403", "412 403 403 403", "412 412 412 404"] as const;
const operatorWrites = [...keptOut, "403", "403", "403", "412 412 412 404"] as const;
const organisationAdmin = (found: string) =>
  [...keptOut, "403", `${found} 403 403`, `${found} 403 403`, `${found} ${found} 404`] as const;

// biome-ignore format: a table reads best aligned
export const table: readonly Row[] = [
  // users                                                        anonymous, bad token, deactivated | user | member admin | foreign admin | operator
  { route: "GET /users/:user_id",            subject: "user", cells: [...keptOut, "200 403 403 403", "200 200 403 403", "200 403 403 403", "200 200 200 404"] },
  { route: "GET /users/:user_id/timeline",   subject: "user", cells: [...keptOut, "200 403 403 403", "200 403 403 403", "200 403 403 403", "200 200 200 404"] },
  { route: "GET /User/:id/status",           subject: "user", cells: [...keptOut, "200 403 403 403", "200 403 403 403", "200 403 403 403", "200 200 200 404"] },
  { route: "PUT /users/:user_id",            subject: "user", cells: ownOrOperator,  body: { city: "Lagos" } },
  { route: "DELETE /users/:user_id",         subject: "user", cells: ownOrOperator },
  { route: "PUT /users/:user_id/activate",   subject: "user", cells: operatorWrites, body: { status: "active" } },
  { route: "PUT /users/:user_id/deactivate", subject: "user", cells: operatorWrites, body: { updated_by: "(own)" } },
  { route: "PUT /users/:user_id/status",     subject: "user", cells: operatorWrites, body: { status: "blocked", reason: "matrix" } },
  { route: "PUT /users/:user_id/role",       subject: "user", cells: operatorWrites, body: { role: "retail", reason: "matrix" } },
  { route: "GET /users/list",                subject: "none", cells: [...keptOut, "403", "200", "200", "200"] },

  // organisations
  { route: "POST /organizations",                   subject: "none",         cells: operator("404"), body: { name: "Matrix", admin_user_id: nobody } },
  { route: "GET /organizations/:org_id",            subject: "organisation", cells: organisationAdmin("200") },
  { route: "GET /organizations/:org_id/members",    subject: "organisation", cells: organisationAdmin("200") },
  { route: "POST /organizations/:org_id/members",   subject: "organisation", cells: organisationAdmin("404"), body: { user_id: nobody, role: "user" } },
  { route: "PUT /organizations/:org_id/members",    subject: "organisation", cells: organisationAdmin("404"), body: { user_id: nobody, role: "user" } },
  { route: "DELETE /organizations/:org_id/members", subject: "organisation", cells: organisationAdmin("404"), body: { user_id: nobody } },

  // identity
  { route: "POST /users/register",       subject: "none", cells: ["400", "401", "401", "400", "400", "400", "400"], body: {} },
  { route: "POST /users/confirm",        subject: "none", cells: everybody("400"), body: {} },
  { route: "POST /users/resend-code",    subject: "none", cells: everybody("400"), body: {} },
  { route: "POST /auth/login",           subject: "none", cells: everybody("400"), body: {} },
  { route: "POST /auth/login-link",      subject: "none", cells: everybody("400"), body: {} },
  { route: "POST /auth/refresh",         subject: "none", cells: everybody("400"), body: {} },
  { route: "POST /auth/forgot-password", subject: "none", cells: everybody("400"), body: {} },
  { route: "POST /auth/reset-password",  subject: "none", cells: everybody("400"), body: {} },
  { route: "POST /auth/logout",          subject: "none", cells: signedIn("400"), body: { everywhere: "yes" } },
  { route: "GET /auth/me",               subject: "none", cells: signedIn("200") },

  // verification; without a session 404 is the answer of one who was let in
  { route: "POST /ekyc/me/sessions",            subject: "none", cells: signedIn("400"), body: { callback: "javascript:alert(1)" } },
  { route: "GET /ekyc/me/sessions",             subject: "none", cells: signedIn("404") },
  { route: "GET /ekyc/me/sessions/current",     subject: "none", cells: signedIn("404") },
  { route: "GET /ekyc/me/status",               subject: "none", cells: signedIn("200") },
  // Only the provider's signature counts here; a token neither helps nor harms.
  { route: "POST /users/webhook-kyc",           subject: "none", cells: everybody("401"), body: { status: "success" } },
  { route: "GET /webhooks/inbox",               subject: "none", cells: operator("200") },
  { route: "GET /webhooks/inbox/:delivery_id",  subject: "none", cells: operator("404") },

  // operations, documentation and pages
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

  // the authorization server; it answers in the form of OAuth, and OPTIONS only to CORS preflights
  { route: "GET /.well-known/openid-configuration",     subject: "none", cells: everybody("200") },
  { route: "OPTIONS /.well-known/openid-configuration", subject: "none", cells: everybody("404") },
  { route: "GET /oidc/jwks",                            subject: "none", cells: everybody("200") },
  { route: "OPTIONS /oidc/jwks",                        subject: "none", cells: everybody("404") },
  { route: "POST /oidc/token",                          subject: "none", cells: everybody("400"), body: {} },
  { route: "OPTIONS /oidc/token",                       subject: "none", cells: everybody("404") },

  // sandbox only: these routes do not exist in production
  { route: "GET /sandbox/mailbox",     subject: "none", cells: everybody("200") },
  { route: "GET /sandbox/mailbox/:id", subject: "none", cells: everybody("404") },
  { route: "GET /sandbox/admin",       subject: "none", cells: everybody("200") },
];

export { leaveAllOrganisations } from "./change-member.ts";
export { createOrganisation, type OrganisationDeps } from "./create-organisation.ts";
export { organisationNotFound } from "./errors.ts";
export { joinOrganisation } from "./join-organisation.ts";
export { administers, findOrganisation, listAdministeredOrganisations } from "./organisations.queries.ts";
export { memberRoleSchema, organisationsRoutes } from "./routes.ts";
export { type MemberRole, memberRoles } from "./tables.ts";

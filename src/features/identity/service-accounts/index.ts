export { serviceAccountRoutes } from "./routes.ts";
export { permissionsSchema } from "./schemas.ts";
export { hashSecret, isSecretOf } from "./secret.ts";
export { findServiceAccount, findServiceAccounts, type ServiceAccountRow } from "./service-accounts.queries.ts";

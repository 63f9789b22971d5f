export { serviceAccountRoutes } from "./routes.ts";
export { permissionsSchema } from "./schemas.ts";
export { hashSecret, isSecretOf } from "./secret.ts";
export {
  findServiceAccount,
  findServiceStandings,
  type ServiceAccountRow,
  type ServiceStanding,
} from "./service-accounts.queries.ts";

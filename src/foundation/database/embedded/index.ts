export { EmbeddedPostgresError } from "./embedded-postgres-error.ts";
export { findRunningServer } from "./find-running-server.ts";
export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from "./start-embedded-postgres.ts";

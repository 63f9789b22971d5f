export { allOf } from "./all-of.ts";
export { connectDatabase, type Database, type DatabaseConnection, type Db } from "./database.ts";
export { type ApiRole, grantToApi, listMigrations, migrateDatabase } from "./migrate.ts";
export type { Reads } from "./reads.ts";
export { deleteExpiredAnswers, forgetAnswers, type Once, recallOnce, runOnce } from "./run-once.ts";

export { allOf } from "./all-of.ts";
export { pruneChanges } from "./changes.ts";
export { connectDatabase, type Database, type DatabaseConnection, type Db } from "./database.ts";
export { type ApiRole, grantToApi, listMigrations, migrateDatabase } from "./migrate.ts";
export type { KeptRead, Reads } from "./reads.ts";
export { deleteExpiredAnswers, forgetAnswers, type Once, recallOnce, runOnce } from "./run-once.ts";
export { createShelf, type Shelf } from "./shelf.ts";

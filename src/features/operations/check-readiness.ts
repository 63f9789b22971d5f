import { sql } from "kysely";
import { type Db, listMigrations } from "../../foundation/database/index.ts";

/** Whether this process can serve: nothing is listed when it can. */
export type Readiness = { ready: boolean; missing: string[] };

/** Asks the database whether it is there and has this version's tables. Names what is missing; never throws. */
export async function checkReadiness({ db }: { db: Db }): Promise<Readiness> {
  try {
    const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(db);
    const applied = new Set(rows.map((row) => row.name));
    const missing = (await listMigrations()).filter((name) => !applied.has(name)).map((name) => `migration ${name}`);
    return { ready: missing.length === 0, missing };
  } catch (error) {
    return { ready: false, missing: [`database (${(error as { code?: string }).code ?? "unreachable"})`] };
  }
}

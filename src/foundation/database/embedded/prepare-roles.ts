import type { Client } from "pg";

/**
 * Creates the database `usher` and the API's own role `usher_api`, which may log in and nothing else, where they do not
 * exist yet. Runs under the lock on every start, so that a start killed half-way through is completed by the next.
 */
export async function prepareRoles(owner: Client, { apiPassword }: { apiPassword: string }): Promise<void> {
  const { rows } = await owner.query<{ role: boolean; database: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'usher_api') AS role,
            EXISTS (SELECT FROM pg_database WHERE datname = 'usher') AS database`,
  );
  if (!rows[0]?.role) {
    await owner.query(
      `CREATE ROLE usher_api LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
       PASSWORD ${owner.escapeLiteral(apiPassword)}`,
    );
  }
  if (rows[0]?.database) return;
  // The lock lives in "postgres": nobody but the owner may enter there.
  await owner.query("REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC");
  await owner.query("CREATE DATABASE usher");
}

import { createHash } from "node:crypto";
import pg from "pg";

/** Every row of every table as text, `bytea` columns in hex: what somebody finds who gets hold of a dump. */
export type Dump = { table: string; row: string }[];

/** Reads everything there is, as the owner of the database. */
export async function dumpDatabase(ownerUrl: string): Promise<Dump> {
  return withClient(ownerUrl, async (client) => {
    const dump: Dump = [];
    for (const table of await listTables(client)) {
      const { rows } = await client.query<{ row: string }>(`select t::text as row from ${table} t`);
      dump.push(...rows.map(({ row }) => ({ table, row })));
    }
    return dump;
  });
}

/**
 * One digest a table: equal before and after means that nothing was written. Tables that count attempts by design are
 * left out by name.
 */
export async function fingerprintDatabase(
  ownerUrl: string,
  except: readonly string[] = [],
): Promise<Record<string, string>> {
  const digests: Record<string, string[]> = {};
  for (const { table, row } of await dumpDatabase(ownerUrl)) {
    if (except.includes(table)) continue;
    digests[table] ??= [];
    digests[table].push(row);
  }
  return Object.fromEntries(
    Object.entries(digests).map(([table, rows]) => [
      table,
      `${rows.length} rows ${createHash("sha256").update(rows.sort().join("\n")).digest("hex").slice(0, 16)}`,
    ]),
  );
}

/**
 * Where a text stands in a dump, in clear, or inside what is merely encoded: bytes as hex, and the parts of compact JWTs
 * and JWEs, which anybody can decode.
 */
export function findInDump(dump: Dump, text: string): string[] {
  const needles = [text.toLowerCase(), Buffer.from(text, "utf8").toString("hex")];
  return dump
    .filter(({ row }) => {
      const readable = `${row}\n${decodeParts(row)}`.toLowerCase();
      return needles.some((needle) => readable.includes(needle));
    })
    .map(({ table }) => table);
}

function decodeParts(row: string): string {
  const parts = row.match(/[A-Za-z0-9_-]{16,}/g) ?? [];
  return parts.map((part) => Buffer.from(part, "base64url").toString("utf8")).join("\n");
}

async function listTables(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(`
    select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and n.nspname in ('public', 'pgboss') order by 1`);
  return rows.map(({ name }) => name);
}

async function withClient<Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

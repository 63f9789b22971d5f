import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const src = fileURLToPath(new URL("../src/", import.meta.url));

/** Lowest first; a room imports from rooms before it only. See docs/decisions/001. */
const order = [
  "foundation",
  "access",
  "personal-data",
  "journal",
  "notifications",
  "lifecycle",
  "users",
  "organisations",
  "questionnaire",
  "identity",
  "kyc",
  "ekyc-sessions",
  "operations",
  "app",
];

type Import = { from: string; to: string };

const sources = readdirSync(src, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.replaceAll("\\", "/"));

const imports: Import[] = sources.flatMap((file) => {
  const text = readFileSync(join(src, file), "utf8");
  const targets = [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g)].map((match) => match[1] as string);
  return targets.map((target) => ({
    from: file,
    to: relative(src, resolve(src, dirname(file), target)).replaceAll("\\", "/"),
  }));
});

/** The room a file belongs to; files at the top compose, and may know everything. */
function roomOf(file: string): string {
  const [first, second] = file.split("/");
  if (first === "features") return second as string;
  return file.includes("/") ? (first as string) : "app";
}

const isTest = (file: string) => /\.test\.ts$|(^|\/)(test|testing)[-/]|-(for-tests|under-test)\.ts$/.test(file);
const inSource = imports.filter(({ from, to }) => !isTest(from) && !to.startsWith(".."));

test("imports point down only", () => {
  const upward = inSource.filter(({ from, to }) => {
    const [here, there] = [roomOf(from), roomOf(to)];
    return here !== there && here !== "sandbox" && there !== "sandbox" && order.indexOf(there) > order.indexOf(here);
  });
  assert.deepEqual(upward, []);
  const unknown = [...new Set(sources.map(roomOf))].filter((room) => room !== "sandbox" && !order.includes(room));
  assert.deepEqual(unknown, [], "every room has its place in the order");
});

test("another feature is entered through its index.ts", () => {
  const past = inSource.filter(
    ({ from, to }) =>
      to.startsWith("features/") && roomOf(from) !== roomOf(to) && !/^features\/[^/]+\/index\.ts$/.test(to),
  );
  assert.deepEqual(past, []);
});

test("the sandbox stands apart: it knows the foundation only, and only the composition root loads it", () => {
  const wrong = inSource.filter(
    ({ from, to }) =>
      (roomOf(from) === "sandbox" && !["sandbox", "foundation"].includes(roomOf(to))) ||
      (roomOf(to) === "sandbox" && !["sandbox", "app"].includes(roomOf(from))),
  );
  assert.deepEqual(wrong, []);
  const eager = sources
    .filter((file) => roomOf(file) !== "sandbox" && !isTest(file))
    .filter((file) => /^import (?!type)[^;]*from "[^"]*sandbox\//m.test(readFileSync(join(src, file), "utf8")));
  assert.deepEqual(eager, [], "production must never load the sandbox: import it dynamically");
});

test("no two files import each other, by whatever way round", () => {
  const graph = new Map<string, string[]>();
  for (const file of sources) {
    const text = readFileSync(join(src, file), "utf8");
    const values = [...text.matchAll(/^(?:import|export) (?!type\b)[^;]*?from "(\.{1,2}\/[^"]+)"/gms)].map(
      (match) => match[1] as string,
    );
    graph.set(
      file,
      values.map((target) => relative(src, resolve(src, dirname(file), target)).replaceAll("\\", "/")),
    );
  }
  assert.deepEqual(findCycle(graph), undefined);
});

function findCycle(graph: Map<string, string[]>): string[] | undefined {
  const finished = new Set<string>();
  const walk = (file: string, path: string[]): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (finished.has(file)) return undefined;
    for (const target of graph.get(file) ?? []) {
      const cycle = walk(target, [...path, file]);
      if (cycle) return cycle;
    }
    finished.add(file);
    return undefined;
  };
  for (const file of graph.keys()) {
    const cycle = walk(file, []);
    if (cycle) return cycle;
  }
  return undefined;
}

test("SQL stands in *.queries.ts and touches its own feature's tables", () => {
  const owner: Record<string, string> = {
    person_keys: "personal-data",
    journal_entries: "journal",
    journal_leaves: "journal",
    journal_checkpoints: "journal",
    messages: "notifications",
    users: "users",
    retained_records: "users",
    arbitrators: "users",
    organisations: "organisations",
    organisation_members: "organisations",
    identities: "identity",
    service_accounts: "identity",
    one_time_secrets: "identity",
    second_factors: "identity",
    recovery_codes: "identity",
    begun_log_ins: "identity",
    questionnaire_answers: "questionnaire",
    throttles: "identity",
    known_sources: "identity",
    oidc_records: "identity",
    used_wallet_nonces: "identity",
    foreign_logins: "identity",
    pool_sign_ups: "identity",
    kyc_sessions: "kyc",
    webhook_deliveries: "kyc",
    kyc_observations: "kyc",
    kyc_introductions: "kyc",
    kyc_session_names: "kyc",
    kyc_reconciliations: "kyc",
  };
  const wrong: string[] = [];
  for (const file of sources.filter((name) => name.startsWith("features/") && !isTest(name))) {
    const text = readFileSync(join(src, file), "utf8");
    const tables = [
      ...text.matchAll(/\.(?:selectFrom|insertInto|updateTable|deleteFrom|innerJoin|leftJoin)\(\s*"(\w+)/g),
      ...text.matchAll(/\b(?:from|join|into|update)\s+(\w+)\b(?=[^"']*`)/g),
    ]
      .map((match) => match[1] as string)
      .filter((table) => table in owner);
    for (const table of tables) {
      if (owner[table] !== roomOf(file)) wrong.push(`${file} touches ${table} of ${owner[table]}`);
      if (!file.endsWith(".queries.ts")) wrong.push(`${file} holds SQL on ${table}`);
    }
  }
  assert.deepEqual(wrong, []);
});

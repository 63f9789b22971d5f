import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { composeDocuments, errorsFolder } from "../scripts/documents/compose-documents.ts";
import { readOpenApi } from "../scripts/documents/read-openapi.ts";
import { createTestDatabase, type TestDatabase, testApiRole } from "./database.ts";

const root = new URL("../", import.meta.url);
const remedy = "run `npm run generate` and commit what it changes";

let database: TestDatabase;
let documents: Map<string, string>;
before(async () => {
  database = await createTestDatabase();
  const open = { apiUrl: database.url, role: testApiRole, notices: [], stop: async () => {} };
  documents = composeDocuments(await readOpenApi(open));
});
after(() => database.drop());

test("the generated documents are those of this code", async () => {
  const outdated: string[] = [];
  for (const [path, text] of documents) {
    const committed = await readFile(new URL(path, root), "utf8").catch(() => undefined);
    if (committed !== text) outdated.push(path);
  }
  assert.deepEqual(outdated, [], `out of date: ${remedy}`);
});

test("no page is left of an error that is declared no longer", async () => {
  const pages = (await readdir(new URL(errorsFolder, root))).map((name) => `${errorsFolder}/${name}`);
  const orphans = pages.filter((path) => !documents.has(path));
  assert.deepEqual(orphans, [], `nobody declares these errors: ${remedy}`);
});

test("a second look gives the same documents, byte for byte", async () => {
  const open = { apiUrl: database.url, role: testApiRole, notices: [], stop: async () => {} };
  assert.deepEqual(composeDocuments(await readOpenApi(open)), documents);
});

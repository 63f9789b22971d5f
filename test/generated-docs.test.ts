import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { before, test } from "node:test";
import { composeDocuments, errorsFolder } from "../scripts/documents/compose-documents.ts";
import { readOpenApi } from "../scripts/documents/read-openapi.ts";
import { createTestDatabase, testApiRole } from "./database.ts";

const root = new URL("../", import.meta.url);
const remedy = "run `npm run generate` and commit what it changes";

let documents: Map<string, string>;
before(async () => {
  documents = await generate();
});

/** As the generator does it, with a database of our own server. */
async function generate(): Promise<Map<string, string>> {
  const { url, drop } = await createTestDatabase();
  try {
    return composeDocuments(await readOpenApi({ apiUrl: url, role: testApiRole, notices: [], stop: async () => {} }));
  } finally {
    await drop();
  }
}

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

test("another start on another database gives the same documents, byte for byte", async () => {
  assert.deepEqual(await generate(), documents);
});

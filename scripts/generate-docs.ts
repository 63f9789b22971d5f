import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { composeDocuments, errorsFolder } from "./documents/compose-documents.ts";
import { readOpenApi } from "./documents/read-openapi.ts";

/** Writes everything in `docs/` that is generated: run it after a change of routes, errors, variables or the lifecycle. */
const root = fileURLToPath(new URL("../", import.meta.url));

const documents = composeDocuments(await readOpenApi());
// Pages of errors that are declared no longer go.
await rm(join(root, errorsFolder), { recursive: true, force: true });
for (const [path, text] of documents) {
  const file = join(root, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}
process.stdout.write(`docs/ is up to date: ${documents.size} generated files.\n`);

import { transitions, userStatuses } from "../../src/features/lifecycle/index.ts";
import { listDeclaredErrors } from "../../src/foundation/errors/index.ts";
import { describeConfiguration } from "./describe-configuration.ts";
import { describeError, listErrors } from "./describe-errors.ts";
import { describeLifecycle } from "./describe-lifecycle.ts";
import type { OpenApi } from "./read-openapi.ts";

/** Where the pages of errors are; nothing else is in there. */
export const errorsFolder = "docs/errors";

/** Every generated document, by its path in the repository. The same sources give the same texts, byte for byte. */
export function composeDocuments(openApi: OpenApi): Map<string, string> {
  const errors = listDeclaredErrors();
  return new Map([
    ["docs/openapi.json", `${JSON.stringify(openApi, null, 2)}\n`],
    ["docs/configuration.md", describeConfiguration()],
    ["docs/lifecycle.md", describeLifecycle(transitions, userStatuses)],
    [`${errorsFolder}/README.md`, listErrors(errors)],
    ...errors.map((error): [string, string] => [`${errorsFolder}/${error.code}.md`, describeError(error, openApi)]),
  ]);
}

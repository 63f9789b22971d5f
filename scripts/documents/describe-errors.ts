import { STATUS_CODES } from "node:http";
import type { ErrorDeclaration } from "../../src/foundation/errors/index.ts";
import { generatedNote, markdownTable } from "./markdown-table.ts";
import type { OpenApi } from "./read-openapi.ts";

/** Errors that more operations than this may answer are not listed by operation. */
const namedOperations = 12;

/** The index of all errors, by code. */
export function listErrors(errors: readonly ErrorDeclaration[]): string {
  const rows = errors.map(({ code, status, title }) => [`[\`${code}\`](${code}.md)`, String(status), title]);
  return `${generatedNote}

# Errors

Every refusal is a problem document (RFC 9457, \`application/problem+json\`). \`errorCode\` is stable: branch on it.
\`title\` and \`detail\` are for people and may change; \`type\` leads to the page of the error, \`traceId\` to the line in
the operator's log.

${markdownTable(["code", "status", "what happened"], rows)}
`;
}

/** The page of one error: what happened, how to mend it, and who answers it. */
export function describeError(error: ErrorDeclaration, openApi: OpenApi): string {
  const { code, status, title, remedy } = error;
  return `${generatedNote}

# ${title}

\`${code}\` · HTTP ${status} ${STATUS_CODES[status] ?? ""}

## How to mend it

${remedy}

## Where it comes from

${describeOperations(findOperations(code, openApi))}

[All errors](README.md)
`;
}

function describeOperations(operations: readonly string[]): string {
  if (operations.length === 0) return "No endpoint of its own: the server may answer it whatever the path.";
  if (operations.length > namedOperations) return `${operations.length} endpoints may answer it.`;
  return operations.map((operation) => `- \`${operation}\``).join("\n");
}

/** The operations whose description names the code. */
function findOperations(code: string, { paths }: OpenApi): string[] {
  const found: string[] = [];
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, { responses = {} }] of Object.entries(operations)) {
      const named = Object.values(responses).some(({ description = "" }) => description.includes(`\`${code}\`:`));
      if (named) found.push(`${method.toUpperCase()} ${path}`);
    }
  }
  return found.sort();
}

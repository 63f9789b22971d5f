import { readConfig, variables } from "../../src/config.ts";
import { ConfigurationError } from "../../src/foundation/config/index.ts";
import { generatedNote, markdownTable } from "./markdown-table.ts";

/** The page of all variables, and what production demands of them. */
export function describeConfiguration(): string {
  const rows = Object.entries(variables).map(([name, variable]) => [
    `\`${name}\``,
    variable.about,
    "secret" in variable && variable.secret ? `\`${name}_FILE\`` : "",
  ]);
  return `${generatedNote}

# Configuration

Usher reads environment variables, once, at its start, and nothing else. What is wrong is listed all at once, in
sentences, and the process ends with 1. An empty variable counts as unset. A default stands in brackets.

A secret can also come from a file: the twin in the last column names one, whose content, trimmed, stands for the
variable. Of a variable and its twin only one may be set. The source of this page is \`src/config.ts\`.

${markdownTable(["variable", "what it is", "or from a file"], rows)}

## What production demands

With \`USHER_MODE=production\` and nothing else set, Usher does not start and says:

\`\`\`text
${listProductionProblems().join("\n")}
\`\`\`

It also refuses, in production: \`http://\` in \`PUBLIC_URL\`, \`VERIFF_BASE_URL\` or \`CALLBACK_ORIGINS\`, \`RATE_LIMITS=off\`,
and a database server that runs with \`fsync\` or \`synchronous_commit\` off. In every mode it refuses a PostgreSQL older
than 15.
`;
}

/** The real answer of the real check. */
function listProductionProblems(): readonly string[] {
  try {
    readConfig({ USHER_MODE: "production" });
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  throw new Error("Production took a configuration in which nothing is set.");
}

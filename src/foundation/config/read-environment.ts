import { readFileSync } from "node:fs";

/** How one variable is read: its text becomes a value, or a sentence about what is wrong. */
export type Variable<Value> = {
  /** One line for the documentation. */
  about: string;
  /** Secrets have a `*_FILE` twin and are never printed. */
  secret?: true;
  read(text: string | undefined): Value;
};

/** A problem with one variable; `read` throws it. */
export class BadVariable extends Error {}

/** All that is wrong with the environment, at once. */
export class ConfigurationError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `The configuration has ${problems.length === 1 ? "a problem" : `${problems.length} problems`}:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`,
    );
    this.name = "ConfigurationError";
    this.problems = problems;
  }
}

type Values<Table> = { readonly [Name in keyof Table]: Table[Name] extends Variable<infer Value> ? Value : never };

/**
 * Reads every variable of a table once. `FOO_FILE` names a file whose content stands for `FOO`.
 *
 * @throws ConfigurationError listing every problem at once, in sentences
 */
export function readEnvironment<Table extends Record<string, Variable<unknown>>>(
  table: Table,
  environment: Record<string, string | undefined>,
  check: (values: Values<Table>) => string[],
): Values<Table> {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, variable] of Object.entries(table)) {
    try {
      values[name] = variable.read(textOf(name, variable, environment));
    } catch (error) {
      if (!(error instanceof BadVariable)) throw error;
      problems.push(`${name} ${error.message}`);
    }
  }
  if (problems.length === 0) problems.push(...check(values as Values<Table>));
  if (problems.length > 0) throw new ConfigurationError(problems);
  return Object.freeze(values) as Values<Table>;
}

function textOf(
  name: string,
  variable: Variable<unknown>,
  environment: Record<string, string | undefined>,
): string | undefined {
  const plain = environment[name] === "" ? undefined : environment[name];
  const path = variable.secret ? environment[`${name}_FILE`] : undefined;
  if (!path) return plain;
  if (plain !== undefined) throw new BadVariable(`is set, and ${name}_FILE too; set one of them.`);
  try {
    return readFileSync(path, "utf8").trim();
  } catch (cause) {
    throw new BadVariable(
      `cannot be read from the file that ${name}_FILE names (${(cause as NodeJS.ErrnoException).code}).`,
    );
  }
}

/** A text, or undefined. */
export const text = (about: string): Variable<string | undefined> => ({ about, read: (given) => given });

/** A secret text, or undefined. */
export const secret = (about: string): Variable<string | undefined> => ({
  about,
  secret: true,
  read: (given) => given,
});

/** A text with a default. */
export const textOr = (fallback: string, about: string): Variable<string> => ({
  about: `${about} (${fallback})`,
  read: (given) => given ?? fallback,
});

/** One of a list of words; the first is the default. */
export function word<const Words extends readonly [string, ...string[]]>(
  words: Words,
  about: string,
): Variable<Words[number]> {
  return {
    about: `${about}: ${words.join(", ")} (${words[0]})`,
    read: (given) => {
      if (given === undefined) return words[0];
      if (!words.includes(given)) throw new BadVariable(`must be one of ${words.join(", ")}, but is something else.`);
      return given;
    },
  };
}

/** A whole number within bounds, or undefined. */
export function wholeNumber(bounds: { from: number; to: number }, about: string): Variable<number | undefined> {
  return {
    about,
    read: (given) => {
      if (given === undefined) return undefined;
      const number = /^\d{1,10}$/.test(given) ? Number(given) : Number.NaN;
      if (!(number >= bounds.from && number <= bounds.to))
        throw new BadVariable(`must be a whole number from ${bounds.from} to ${bounds.to}.`);
      return number;
    },
  };
}

/** An absolute URL of one of the given schemes, or undefined. */
export function url(
  schemes: readonly string[],
  about: string,
  options: { secret?: true } = {},
): Variable<string | undefined> {
  return {
    about,
    ...options,
    read: (given) => {
      if (given === undefined) return undefined;
      const parsed = URL.parse(given);
      if (!parsed || !schemes.includes(parsed.protocol.slice(0, -1)))
        throw new BadVariable(
          `must be a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(" or ")}.`,
        );
      return given.replace(/\/+$/, "");
    },
  };
}

/** A comma-separated list of https (or http) origins. */
export function origins(about: string): Variable<readonly string[]> {
  return {
    about,
    read: (given) =>
      (given ?? "")
        .split(",")
        .map((item) => item.trim())
        .filter(Boolean)
        .map((item) => {
          const parsed = URL.parse(item);
          if (
            !parsed ||
            !/^https?:$/.test(parsed.protocol) ||
            parsed.origin !== item.replace(/\/$/, "").toLowerCase()
          ) {
            throw new BadVariable(
              "must be a comma-separated list of origins such as https://app.example.com, without paths.",
            );
          }
          return parsed.origin;
        }),
  };
}

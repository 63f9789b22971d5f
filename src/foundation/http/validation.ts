import { Ajv, type ErrorObject } from "ajv";
import addFormats from "ajv-formats";
import type { FastifySchemaCompiler } from "fastify";
import type { TSchema } from "typebox";
import { invalidRequest } from "../errors/common.ts";
import type { FieldErrors } from "../errors/index.ts";

/**
 * Strict validation: nothing is dropped, nothing is coerced, unknown fields are errors. Path and query values are
 * texts by nature: one becomes a number only where the schema says integer and the text is plain ASCII digits.
 */
const ajv = new Ajv({
  coerceTypes: false,
  removeAdditional: false,
  useDefaults: true,
  allErrors: true,
  strict: true,
  allowUnionTypes: true,
  verbose: true,
});
addFormats.default(ajv);
ajv.addKeyword({ keyword: "example" });

const wholeNumber = /^-?(0|[1-9]\d{0,15})$/;

/** Compiles a route's schemas for Fastify. */
export const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const check = ajv.compile(schema);
  const integers = httpPart === "body" ? [] : integerFields(schema);
  return (data: unknown) => {
    const candidate = integers.length > 0 ? parseIntegers(data, integers) : data;
    if (check(candidate)) return { value: candidate };
    return { error: invalidRequest({ errors: describeFailures(check.errors ?? []) }) };
  };
};

function integerFields(schema: TSchema): string[] {
  const properties = (schema as { properties?: Record<string, { type?: string }> }).properties ?? {};
  return Object.keys(properties).filter((name) => properties[name]?.type === "integer");
}

function parseIntegers(data: unknown, names: string[]): unknown {
  const parsed: Record<string, unknown> = { ...(data as Record<string, unknown>) };
  for (const name of names) {
    const text = parsed[name];
    if (typeof text === "string" && wholeNumber.test(text)) parsed[name] = Number(text);
  }
  return parsed;
}

/** Turns the validator's findings into sentences by field; a value is never repeated. */
export function describeFailures(failures: ErrorObject[]): FieldErrors {
  // A map: a field may be called `toString` or `__proto__`.
  const sentences = new Map<string, Set<string>>();
  for (const failure of failures) {
    // A union reports each branch and then itself: the branches say what was wrong.
    if (failure.keyword === "if") continue;
    const [field, sentence] = describeFailure(failure);
    const path = (field || "body").slice(0, 200);
    sentences.set(path, (sentences.get(path) ?? new Set()).add(sentence));
  }
  return Object.fromEntries([...sentences].map(([path, found]) => [path, [...found]]));
}

function describeFailure(failure: ErrorObject): [field: string, sentence: string] {
  const here = failure.instancePath
    .slice(1)
    .replace(/\/(\d+)(?=\/|$)/g, "[$1]")
    .replaceAll("/", ".");
  const below = (name: unknown) => (here ? `${here}.${String(name)}` : String(name));
  if (failure.keyword === "required") return [below(failure.params.missingProperty), "is required"];
  if (failure.keyword === "additionalProperties")
    return [below(failure.params.additionalProperty), "is not a known field"];
  if (failure.keyword === "enum")
    return [here, `must be one of: ${(failure.params.allowedValues as unknown[]).join(", ")}`];
  if (failure.keyword === "const") return [here, `must be ${JSON.stringify(failure.params.allowedValue)}`];
  if (failure.keyword === "pattern") return [here, patternSentence(failure)];
  return [here, failure.message ?? "is not valid"];
}

/** A schema may say in words what its pattern asks for. */
function patternSentence(failure: ErrorObject): string {
  const described = (failure.parentSchema as { description?: string } | undefined)?.description;
  return described ? `must be: ${described}` : "does not have the expected form";
}

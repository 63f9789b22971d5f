import type { TSchema } from "typebox";

type Keywords = {
  examples?: unknown[];
  default?: unknown;
  enum?: unknown[];
  anyOf?: TSchema[];
  type?: string | string[];
  format?: string;
  minimum?: number;
  items?: TSchema;
  properties?: Record<string, TSchema>;
  required?: string[];
};

/**
 * An example of a value that a schema describes: its own where it gives one, else put together from those of its parts,
 * with false, null and the least number where nothing is said.
 * Optional properties without one are left out. Undefined where the schema says too little.
 */
export function exampleOf(schema: TSchema): unknown {
  const { examples, default: usual, enum: words, anyOf, type, format, minimum, items } = schema as Keywords;
  const given = examples?.[0] ?? usual ?? words?.[0];
  if (given !== undefined) return given;
  if (anyOf?.[0]) return exampleOf(anyOf[0]);
  if (type === "object") return composeObject(schema as Keywords);
  if (type === "array" && items) return listOne(exampleOf(items));
  if (type === "boolean") return false;
  if (type === "integer") return minimum ?? 1;
  if ([type].flat().includes("null")) return null;
  return type === "string" ? exampleOfFormat(format) : undefined;
}

function composeObject({ properties = {}, required = [] }: Keywords): unknown {
  const parts = Object.entries(properties).map(([name, part]) => [name, exampleOf(part)] as const);
  const known = parts.filter(([, value]) => value !== undefined);
  const names = new Set(known.map(([name]) => name));
  return required.every((name) => names.has(name)) ? Object.fromEntries(known) : undefined;
}

function listOne(item: unknown): unknown[] | undefined {
  return item === undefined ? undefined : [item];
}

function exampleOfFormat(format: string | undefined): string | undefined {
  if (format === "date-time") return "2026-01-15T09:30:00.000Z";
  return format === "date" ? "1990-05-17" : undefined;
}

import fc from "fast-check";
import type { JsonSchema } from "./openapi-document.ts";

/** Any JSON at all, small. */
export const anything: fc.Arbitrary<unknown> = fc.jsonValue({ maxDepth: 3 });

/** Texts that have hurt servers before. */
const nastyTexts = fc.constantFrom(
  "", " ", "\0", "\ud800", "\u202e", "💣", "__proto__", "constructor", "null", "true", "0", "-1", "1e309", "2147483648", "' or '1'='1", "%00", "%", "\\", "../..",
  "a@example.com", "{}", "[]", "\r\nSet-Cookie: a=b", "\u0000\u0001", "İ", "ß", "9999-99-99", "1990-05-17", "00000000-0000-0000-0000-000000000000",
); // biome-ignore format: one glance

/** Values that fit a schema of the document, as far as its keywords tell; what it says in words only, they may miss. */
export function fitting(schema: JsonSchema): fc.Arbitrary<unknown> {
  if ("const" in schema) return fc.constant(schema.const);
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
  if (Array.isArray(schema.anyOf)) return fc.oneof(...schema.anyOf.map((branch) => fitting(branch as JsonSchema)));
  if (Array.isArray(schema.type)) return fc.oneof(...schema.type.map((type) => fitting({ ...schema, type })));
  if (schema.type === "null") return fc.constant(null);
  if (schema.type === "boolean") return fc.boolean();
  if (schema.type === "integer")
    return fc.integer({ min: Number(schema.minimum ?? -5), max: Number(schema.maximum ?? 500) });
  if (schema.type === "array") return fc.array(fitting((schema.items ?? {}) as JsonSchema), { maxLength: 3 });
  if (schema.type === "object") return fittingObject(schema);
  if (schema.type === "string") return fittingText(schema);
  return anything;
}

function fittingObject(schema: JsonSchema): fc.Arbitrary<unknown> {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>);
  const required = (schema.required ?? []) as string[];
  const model = Object.fromEntries(properties.map(([name, inner]) => [name, fitting(inner)]));
  return fc.record(model, { requiredKeys: required.filter((name) => name in model) });
}

function fittingText(schema: JsonSchema): fc.Arbitrary<string> {
  const length = { minLength: Number(schema.minLength ?? 0), maxLength: Math.min(Number(schema.maxLength ?? 40), 300) };
  if (schema.format === "date") {
    return fc
      .date({ min: new Date("1890-01-01"), max: new Date("2030-01-01"), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10));
  }
  if (typeof schema.pattern !== "string") return fc.string({ unit: "binary", ...length });
  const pattern = new RegExp(schema.pattern, "u");
  // Lookaheads cannot be generated from: such patterns are met by filtering.
  if (schema.pattern.includes("(?"))
    return fc.string({ unit: "grapheme", ...length }).filter((text) => pattern.test(text));
  return fc.stringMatching(pattern).map((text) => text.slice(0, length.maxLength));
}

/** Values beside a schema: a fitting one with something wrong in it, or anything at all. */
export function misfitting(schema: JsonSchema): fc.Arbitrary<unknown> {
  const fits = fitting(schema);
  const spoilt = fc
    .tuple(fits, fc.nat(20), fc.oneof(nastyTexts, anything), fc.string())
    .map(([value, index, wrong, extra]) => spoil(value, index, wrong, extra));
  return fc.oneof({ weight: 4, arbitrary: spoilt }, { weight: 1, arbitrary: anything });
}

function spoil(value: unknown, index: number, wrong: unknown, extra: string): unknown {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return wrong;
  const names = Object.keys(value);
  const name = names[index % (names.length + 2)];
  if (name !== undefined) return { ...value, [name]: wrong };
  return index % 2 === 0 ? { ...value, [extra]: wrong } : Object.fromEntries(Object.entries(value).slice(1));
}

/** What may stand in a path or a query. */
export function textFor(schema: JsonSchema, known: readonly string[]): fc.Arbitrary<string> {
  const usual = [
    { weight: 3, arbitrary: fitting(schema).map(String) },
    { weight: 1, arbitrary: fc.oneof(nastyTexts, fc.string()) },
  ];
  return known.length > 0
    ? fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...known) }, ...usual)
    : fc.oneof(...usual);
}

import { type Static, type TObject, type TProperties, type TSchema, type TUnsafe, Type } from "typebox";

/** A closed object: an unknown field is an error, never dropped. */
export function closed<Properties extends TProperties>(
  properties: Properties,
  options: Record<string, unknown> = {},
): TObject<Properties> {
  return Type.Object(properties, { additionalProperties: false, ...options });
}

/** A value of a simple type or null, as one type list: quicker to check and to write than a union. */
export function nullable<Schema extends TSchema>(schema: Schema): TUnsafe<Static<Schema> | null> {
  const plain = schema as unknown as { type: string; enum?: unknown[] };
  return Type.Unsafe<Static<Schema> | null>({
    ...plain,
    type: [plain.type, "null"],
    ...(plain.enum ? { enum: [...plain.enum, null] } : {}),
  });
}

/** One of a fixed list of words. */
export function oneOf<const Words extends readonly string[]>(
  words: Words,
  options: Record<string, unknown> = {},
): TUnsafe<Words[number]> {
  return Type.Unsafe<Words[number]>({ type: "string", enum: [...words], ...options });
}

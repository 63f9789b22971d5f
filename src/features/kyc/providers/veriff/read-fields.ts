/** An object of unknown fields. */
export type Fields = Record<string, unknown>;

/** The value as an object with fields, or undefined. */
export function fieldsOf(value: unknown): Fields | undefined {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? (value as Fields) : undefined;
}

/** A text that can be stored: no NUL, no lone surrogate, at most `longest` characters; null for anything else. */
export function textOf(value: unknown, longest: number): string | null {
  if (typeof value !== "string" || value === "" || value.length > longest) return null;
  return value.includes("\0") || !value.isWellFormed() ? null : value;
}

/** A text for people to read: what cannot be stored is taken out, what is too long is cut. */
export function wordsOf(value: unknown, longest: number): string | null {
  if (typeof value !== "string") return null;
  const words = value.replaceAll("\0", "").toWellFormed().trim().slice(0, longest).toWellFormed();
  return words === "" ? null : words;
}

/** Codes come as numbers or as texts; kept as texts. */
export function codeOf(value: unknown): string | null {
  return typeof value === "number" && Number.isFinite(value) ? String(value) : textOf(value, 60);
}

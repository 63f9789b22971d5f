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

/** The JSON of a delivery, or in a sentence why it is none. */
export function parseBody(body: Buffer): { value: unknown } | { why: string } {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
    return { value: JSON.parse(text) };
  } catch (error) {
    // The parser's own message would quote the body.
    return { why: error instanceof SyntaxError ? "The body is not JSON." : "The body is not UTF-8." };
  }
}

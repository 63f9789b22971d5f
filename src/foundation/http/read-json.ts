import { invalidRequest, malformedJson } from "../errors/common.ts";
import type { FieldErrors } from "../errors/index.ts";

/** Deeper nesting than any schema here needs is refused before it can cost anything. */
const deepest = 32;

/**
 * Reads one JSON value (RFC 8259) from bytes, strictly: UTF-8 only, no key twice in one object, no prototype keys, no
 * NUL character and no lone surrogate in any text (PostgreSQL can store neither).
 *
 * @throws malformed-json or invalid-request naming the field
 */
export function readJson(bytes: Buffer): unknown {
  const text = decodeUtf8(bytes);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw malformedJson({ cause });
  }
  refuseRepeatedKeys(text);
  refuseUnstorable(value);
  return value;
}

function decodeUtf8(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw malformedJson({ detail: "The body is not valid UTF-8.", cause });
  }
}

/** Walks the tokens of a text already known to be JSON. JSON.parse keeps the last of two equal keys without a word. */
function refuseRepeatedKeys(text: string): void {
  const keysOfOpenObjects: (Set<string> | undefined)[] = [];
  const tokens = /"(?:[^"\\]|\\.)*"|[{}[\]]/g;
  for (let match = tokens.exec(text); match; match = tokens.exec(text)) {
    const token = match[0];
    if (token === "{") keysOfOpenObjects.push(new Set());
    else if (token === "[") keysOfOpenObjects.push(undefined);
    else if (token === "}" || token === "]") keysOfOpenObjects.pop();
    else if (isKey(text, tokens.lastIndex)) noteKey(keysOfOpenObjects.at(-1), JSON.parse(token));
    if (keysOfOpenObjects.length > deepest) throw malformedJson({ detail: `Nested deeper than ${deepest} levels.` });
  }
}

function isKey(text: string, after: number): boolean {
  let index = after;
  while (" \t\r\n".includes(text[index] ?? "")) {
    if (index >= text.length) return false;
    index += 1;
  }
  return text[index] === ":";
}

function noteKey(keys: Set<string> | undefined, key: string): void {
  if (!keys) return;
  if (keys.has(key))
    throw malformedJson({ detail: "A key stands twice in one object.", errors: atField(key, "stands twice") });
  if (key === "__proto__" || key === "constructor" || key === "prototype") {
    throw invalidRequest({ errors: atField(key, "is not a known field") });
  }
  keys.add(key);
}

const atField = (key: string, sentence: string): FieldErrors => ({ [key.slice(0, 100)]: [sentence] });

/** Names the first text that could not be stored, by its path. */
export function refuseUnstorable(value: unknown, path = ""): void {
  if (typeof value === "string") {
    if (value.includes("\0") || !value.isWellFormed()) {
      throw invalidRequest({ errors: { [path || "body"]: ["must not contain NUL characters or lone surrogates"] } });
    }
  } else if (Array.isArray(value)) {
    value.forEach((item, index) => {
      refuseUnstorable(item, `${path}[${index}]`);
    });
  } else if (value !== null && typeof value === "object") {
    for (const [key, item] of Object.entries(value)) {
      refuseUnstorable(key, path ? `${path}.(key)` : "(key)");
      refuseUnstorable(item, path ? `${path}.${key}` : key);
    }
  }
}

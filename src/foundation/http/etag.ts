import { createHash } from "node:crypto";
import { preconditionFailed } from "../errors/common.ts";

/** A strong entity tag (RFC 9110, 8.8.3) of a version text. */
export function etagOf(version: string): string {
  return `"${createHash("sha256").update(version).digest("base64url").slice(0, 22)}"`;
}

/**
 * Honours If-Match (RFC 9110, 13.1.1) where it is given.
 *
 * @throws precondition-failed when no given tag is the current one
 */
export function requireMatch(ifMatch: string | string[] | undefined, current: string): void {
  if (ifMatch === undefined) return;
  const tags = [ifMatch]
    .flat()
    .join(",")
    .split(",")
    .map((tag) => tag.trim());
  if (!tags.includes("*") && !tags.includes(current)) throw preconditionFailed();
}

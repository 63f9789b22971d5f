import { randomBytes } from "node:crypto";
import { STYLE } from "./style.ts";

/** Markup that is safe to send: made by {@link html}, which escapes everything put into it. */
export type Html = { readonly markup: string };

type Piece = Html | string | number | null | undefined | false | readonly Piece[];

/**
 * Builds markup from a template. Whatever is put in is escaped, unless it is itself made by this function; lists are
 * joined; null, undefined and false print nothing. Attribute values must be quoted in the template.
 */
export function html(literals: TemplateStringsArray, ...pieces: Piece[]): Html {
  return { markup: literals.reduce((text, literal, index) => text + toMarkup(pieces[index - 1]) + literal) };
}

function toMarkup(piece: Piece): string {
  if (piece === null || piece === undefined || piece === false) return "";
  if (typeof piece === "string" || typeof piece === "number") return escapeHtml(String(piece));
  if (isList(piece)) return piece.map(toMarkup).join("");
  return piece.markup;
}

function isList(piece: Piece): piece is readonly Piece[] {
  return Array.isArray(piece);
}

const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text made safe for element content and quoted attribute values. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

/** A fresh value for one answer's Content-Security-Policy and its style element. */
export function newNonce(): string {
  return randomBytes(18).toString("base64url");
}

/** Headers every sandbox page is sent with: no script at all, one nonce'd style, forms to this origin only. */
export function pageHeaders(nonce: string): Record<string, string> {
  return {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": [
      "default-src 'none'",
      `style-src 'nonce-${nonce}'`,
      "img-src data:",
      "form-action 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ].join("; "),
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  };
}

// An empty icon keeps the browser from asking for /favicon.ico.
const NO_ICON = "data:,";

/** A whole page: the banner that says what this double is not, then the content. */
export function page(input: { title: string; nonce: string; banner: Html; content: Html }): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${input.title}</title>
<link rel="icon" href="${NO_ICON}">
<style nonce="${input.nonce}">${{ markup: STYLE }}</style>
</head>
<body>
<a class="skip" href="#content">Skip to content</a>
<header class="banner"><p>${input.banner}</p></header>
<main id="content">
${input.content}
</main>
</body>
</html>
`.markup;
}

/** A moment as people read it, in UTC and to the second; `iso` is an ISO 8601 time. */
export function moment(iso: string): Html {
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace("T", " ")} UTC</time>`;
}

import { invalidRequest } from "../../foundation/errors/common.ts";
import type { CallbackRules } from "../kyc/index.ts";

/**
 * Reads the address to which the person's browser returns after the provider's page. It must be written the way it will
 * be followed: what a parser would first have to mend (other cases, tabs, backslashes, missing slashes, dressed-up hosts)
 * is refused, and so the registered origin is compared with what everybody sees.
 *
 * @param text the caller's wish; the default is our own return page
 * @param ownOrigins further origins that are registered for this very caller
 * @throws invalid-request naming `callback`
 */
export function readCallback(
  rules: CallbackRules,
  text: string | undefined,
  ownOrigins: readonly string[] = [],
): string {
  if (text === undefined) return new URL("/ekyc/return", rules.publicUrl).href;
  const url = URL.parse(text);
  if (!url || (url.href !== text && url.href !== `${text}/`))
    throw refused("must be an absolute URL in its normal form");
  if (url.username !== "" || url.password !== "") throw refused("must not carry a user name or password");
  const own = new URL(rules.publicUrl);
  const isOwnInSandbox = rules.allowHttp && url.origin === own.origin;
  if (url.protocol !== "https:" && !isOwnInSandbox) throw refused("must begin with https://");
  if (![own.origin, ...rules.origins, ...ownOrigins].includes(url.origin)) {
    throw refused(
      "must lead to a registered origin; the operator registers them with CALLBACK_ORIGINS, or for a service account",
    );
  }
  return url.href;
}

const refused = (sentence: string) => invalidRequest({ errors: { callback: [sentence] } });

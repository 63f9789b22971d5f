import { invalidRequest } from "../../../foundation/errors/common.ts";

/**
 * Reads origins to which a person's browser may return.
 *
 * @throws invalid-request naming `callback_origins` for anything but https origins in their normal form
 */
export function readOrigins(texts: readonly string[] = []): string[] {
  const wrong = texts.find((text) => {
    const url = URL.parse(text);
    return url?.protocol !== "https:" || url.origin !== text;
  });
  if (wrong !== undefined) {
    throw invalidRequest({
      errors: { callback_origins: ["must be https origins such as https://app.example.com, without paths"] },
    });
  }
  return [...texts];
}

/**
 * Reads the addresses to which an app's codes are sent. Plain http counts on the loopback only, for apps at a desk
 * (RFC 8252, section 7.3).
 *
 * @throws invalid-request naming `redirect_uris`
 */
export function readRedirects(texts: readonly string[] = []): string[] {
  const wrong = texts.find((text) => {
    const url = URL.parse(text);
    const isOwnMachine = url?.protocol === "http:" && ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);
    return !url || url.href !== text || url.hash !== "" || (url.protocol !== "https:" && !isOwnMachine);
  });
  if (wrong !== undefined) {
    throw invalidRequest({
      errors: { redirect_uris: ["must be https addresses in their normal form, without a fragment"] },
    });
  }
  return [...texts];
}

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

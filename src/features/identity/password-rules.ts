import { invalidRequest } from "../../foundation/errors/common.ts";

const shortest = 8;
const longest = 128;

/** Passwords that everybody tries first, of 8 characters or more, lower-cased. About 20,000; read when first needed. */
let common: Promise<ReadonlySet<string>> | undefined;

async function readCommonPasswords(): Promise<ReadonlySet<string>> {
  const { dictionary } = await import("@zxcvbn-ts/language-common");
  return new Set(
    dictionary["passwords-common"].filter((word) => word.length >= shortest).map((word) => word.toLowerCase()),
  );
}

/** One spelling for what looks the same: NFC, as RFC 8265 (OpaqueString) asks. The whole string counts, spaces too. */
export function normalisePassword(password: string): string {
  return password.normalize("NFC");
}

/**
 * Checks a new password: 8 to 128 characters (Unicode code points), not a common one, not the e-mail address or its
 * first part. There are no rules about what it is made of (NIST SP 800-63B, 3.1.1.2).
 *
 * @throws invalid-request naming `field`
 */
export async function requireGoodPassword(password: string, email: string, field: string): Promise<void> {
  const refuse = (sentence: string): never => {
    throw invalidRequest({ errors: { [field]: [sentence] } });
  };
  const normal = normalisePassword(password);
  const length = [...normal].length;
  if (length < shortest || length > longest) refuse(`must have ${shortest} to ${longest} characters`);
  const folded = normal.toLowerCase();
  if (folded === email || folded === email.split("@")[0]) refuse("must not be your e-mail address");
  common ??= readCommonPasswords();
  if ((await common).has(folded) || /^(.)\1*$/u.test(folded)) refuse("is one of the passwords that are guessed first");
}

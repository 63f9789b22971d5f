/** The fields of a message of EIP-4361, "Sign-In with Ethereum"; times as the texts they are. */
export type SiweMessage = {
  scheme?: string;
  /** An authority of RFC 3986: host, and port where it is not the usual one. */
  domain: string;
  /** In the mixed case of EIP-55. */
  address: string;
  statement?: string;
  uri: string;
  chainId: number;
  nonce: string;
  issuedAt: string;
  expirationTime?: string;
  notBefore?: string;
  requestId?: string;
  resources?: readonly string[];
};

/** Writes a message as EIP-4361 has it: fixed order, LF only, none at the end. The fields are not checked here. */
export function formatMessage(message: SiweMessage): string {
  const { scheme, statement, expirationTime, notBefore, requestId, resources } = message;
  return [
    `${scheme === undefined ? "" : `${scheme}://`}${message.domain} wants you to sign in with your Ethereum account:`,
    message.address,
    "",
    ...(statement === undefined ? [] : [statement]),
    "",
    `URI: ${message.uri}`,
    "Version: 1",
    `Chain ID: ${message.chainId}`,
    `Nonce: ${message.nonce}`,
    `Issued At: ${message.issuedAt}`,
    ...(expirationTime === undefined ? [] : [`Expiration Time: ${expirationTime}`]),
    ...(notBefore === undefined ? [] : [`Not Before: ${notBefore}`]),
    ...(requestId === undefined ? [] : [`Request ID: ${requestId}`]),
    ...(resources === undefined ? [] : ["Resources:", ...resources.map((resource) => `- ${resource}`)]),
  ].join("\n");
}

const encoded = "%[0-9A-Fa-f]{2}";
// RFC 3986 also takes registered names that no DNS has; wallets show them, nobody can own them.
const host = "(?:\\[[0-9A-Fa-f:.]{2,45}\\]|[A-Za-z0-9.-]+)";
const authority = `(?:(?:[A-Za-z0-9._~!$&'()*+,;=:-]|${encoded})+@)?${host}(?::[0-9]{1,5})?`;
const inUri = `(?:[A-Za-z0-9._~:/?[\\]@!$&'()*+,;=-]|${encoded})`;
const uri = `[A-Za-z][A-Za-z0-9+.-]*:${inUri}+(?:#${inUri}*)?`;
const dateTime = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})";

/** The whole grammar, anchored at both ends: what it does not know, is no message. */
const grammar = new RegExp(
  [
    `^(?:(?<scheme>[A-Za-z][A-Za-z0-9+.-]*)://)?(?<domain>${authority}) wants you to sign in with your Ethereum account:`,
    "\n(?<address>0x[0-9A-Fa-f]{40})\n",
    "(?:\n(?<statement>[A-Za-z0-9._~:/?#[\\]@!$&'()*+,;= -]+))?\n",
    `\nURI: (?<uri>${uri})`,
    "\nVersion: 1",
    "\nChain ID: (?<chainId>[1-9][0-9]{0,14})",
    "\nNonce: (?<nonce>[A-Za-z0-9]{8,128})",
    `\nIssued At: (?<issuedAt>${dateTime})`,
    `(?:\nExpiration Time: (?<expirationTime>${dateTime}))?`,
    `(?:\nNot Before: (?<notBefore>${dateTime}))?`,
    `(?:\nRequest ID: (?<requestId>(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|${encoded})*))?`,
    `(?<resources>\nResources:(?:\n- ${uri})*)?$`,
  ].join(""),
);

/**
 * Reads a message strictly: one grammar for the whole text, real dates, and what was understood, written again, must be
 * the text byte for byte. Tolerant parsers take moved, doubled and padded lines, so that the server checks another
 * message than the one the wallet has shown. Undefined where it is no message. The mixed case of the address
 * (EIP-55) is the caller's to check.
 */
export function readMessage(text: string): SiweMessage | undefined {
  const groups = grammar.exec(text)?.groups;
  if (!groups) return undefined;
  const {
    domain = "",
    address = "",
    uri: about = "",
    nonce = "",
    issuedAt = "",
    chainId,
    resources,
    ...others
  } = groups;
  const optional = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined));
  const message: SiweMessage = {
    domain,
    address,
    uri: about,
    nonce,
    issuedAt,
    chainId: Number(chainId),
    ...optional,
    ...(resources === undefined ? {} : { resources: resources.split("\n- ").slice(1) }),
  };
  const times = [issuedAt, message.expirationTime, message.notBefore];
  if (times.some((time) => time !== undefined && !isRealTime(time))) return undefined;
  return formatMessage(message) === text ? message : undefined;
}

/** Whether the calendar has such a day and the clock such a time: 2026-02-30 is none. */
function isRealTime(time: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})/.exec(time) ?? [];
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  const sameDay = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  return sameDay && !Number.isNaN(Date.parse(time));
}

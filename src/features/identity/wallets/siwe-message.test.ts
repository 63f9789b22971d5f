import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createSiweMessage } from "viem/siwe";
import { readVectors } from "../../../../test/fixtures/siwe/read-vectors.ts";
import { checksumAddress } from "./checksum-address.ts";
import { formatMessage, readMessage, type SiweMessage } from "./siwe-message.ts";
import { loadCurve } from "./wallet-curve.ts";

const curve = await loadCurve();

/** Every optional line there is. */
const whole: SiweMessage = {
  domain: "service.example",
  address: "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A",
  statement: "I accept the terms: https://service.example/tos",
  uri: "https://service.example/login",
  chainId: 1,
  nonce: "32891757",
  issuedAt: "2026-01-15T09:30:00.000Z",
  expirationTime: "2026-01-15T09:35:00.000Z",
  notBefore: "2026-01-15T09:30:00.000Z",
  requestId: "some_id",
  resources: ["ipfs://Qme7ss3ARVgxv6rXqVPiikMJ8u2NLgmgszg13pYrDKEoiu", "https://service.example/claim.json"],
};
const text = formatMessage(whole);

test("the published valid messages are read, field by field", (t) => {
  const vectors =
    readVectors<Record<string, { message: string; fields: Record<string, unknown> }>>("parsing_positive.json");
  for (const [name, { message, fields }] of Object.entries(vectors)) {
    const { version, ...expected } = fields;
    assert.equal(version, "1");
    assert.deepEqual(
      readMessage(message),
      Object.fromEntries(Object.entries(expected).filter(([, value]) => value !== null)),
      name,
    );
  }
  t.diagnostic(`${Object.keys(vectors).length} messages`);
});

test("the published objects that are no message are refused, written as they are", () => {
  const vectors = readVectors<Record<string, SiweMessage & { version?: string }>>("parsing_negative_objects.json");
  for (const [name, { version, ...fields }] of Object.entries(vectors)) {
    const written = formatMessage(fields).replace("\nVersion: 1", version === undefined ? "" : `\nVersion: ${version}`);
    const read = readMessage(written.replaceAll("undefined", ""));
    const mixedCase = read && read.address === checksumAddress(curve, read.address);
    assert.ok(!mixedCase, `${name}: ${written}`);
  }
});

test("addresses are brought to the mixed case of EIP-55, whatever their case", () => {
  const vectors = readVectors<{ mixed_case: string[]; all_upper: string[] }>("eip55-addresses.json");
  for (const address of [...vectors.mixed_case, ...vectors.all_upper]) {
    assert.equal(checksumAddress(curve, address.toLowerCase()), address);
    assert.equal(checksumAddress(curve, `0x${address.slice(2).toUpperCase()}`), address);
  }
});

test("what viem writes is read, and what is read is written the same", () => {
  const { requestId, resources, ...fields } = whole;
  const byViem = createSiweMessage({
    ...fields,
    address: whole.address as `0x${string}`,
    version: "1",
    issuedAt: new Date(whole.issuedAt),
    expirationTime: new Date(whole.expirationTime ?? ""),
    notBefore: new Date(whole.notBefore ?? ""),
    requestId,
    resources: [...(resources ?? [])],
  });
  assert.equal(byViem, text);
  assert.deepEqual(readMessage(byViem), whole);
});

/** Every way to move, double, drop or pad one line. */
function* distort(): Generator<[name: string, text: string]> {
  const lines = text.split("\n");
  const optional = /^(Expiration Time|Not Before|Request ID|Resources|- )/;
  for (const [index, line] of lines.entries()) {
    const others = lines.toSpliced(index, 1);
    // The statement may be left out together with nothing else; other optional lines as they please.
    if (!optional.test(line) && line !== whole.statement) yield [`without line ${index}`, others.join("\n")];
    if (line !== "") yield [`line ${index} emptied`, lines.with(index, "").join("\n")];
    yield [`line ${index} twice`, lines.toSpliced(index, 0, line).join("\n")];
    for (let place = 0; place < lines.length; place += 1) {
      const moved = others.toSpliced(place, 0, line).join("\n");
      const twoResources = line.startsWith("- ") && (others[place] ?? "- ").startsWith("- ");
      if (moved !== text && !twoResources) yield [`line ${index} moved to ${place}`, moved];
    }
    for (const pad of [" ", "\t", "\r", "\u00a0", "\u200b", "\n"]) {
      if (line !== whole.statement || pad !== " ")
        yield [`line ${index} padded`, lines.with(index, line + pad).join("\n")];
      if (line !== whole.statement || pad !== " ")
        yield [`line ${index} indented`, lines.with(index, pad + line).join("\n")];
    }
  }
}

test("a message with a line missing, doubled, moved or padded is none", (t) => {
  let count = 0;
  for (const [name, distorted] of distort()) {
    // A resource that stands twice is a list of three: allowed.
    if (readMessage(distorted)?.resources?.length === 3) continue;
    assert.equal(readMessage(distorted), undefined, `${name}:\n${distorted}`);
    count += 1;
  }
  t.diagnostic(`${count} distortions refused`);
});

test("values that look right and are not are refused", () => {
  const wrong: [string, string][] = [
    ["Version: 1", "Version: 2"], ["Version: 1", "Version: 01"], ["Chain ID: 1", "Chain ID: 01"], ["Chain ID: 1", "Chain ID: 0"], ["Chain ID: 1", "Chain ID: 0x1"], ["Chain ID: 1", "Chain ID: ?"],
    ["Chain ID: 1", "Chain ID: 99999999999999999999"], ["Nonce: 32891757", "Nonce: 3289175"], ["Nonce: 32891757", "Nonce: 3289-1757"], ["Nonce: 32891757", "Nonce: ٣٢٨٩١٧٥٧"],
    ["Issued At: 2026-01-15T", "Issued At: 2026-02-30T"], ["Issued At: 2026-01-15T", "Issued At: 2026-13-15T"], ["Issued At: 2026-01-15T09", "Issued At: 2026-01-15T25"], ["Issued At: 2026-01-15T", "Issued At: 2026-01-15 "],
    ["Issued At: 2026-01-15T09:30:00.000Z", "Issued At: 2026-01-15T09:30:00.000"], ["Issued At: 2026-01-15T09:30:00.000Z", "Issued At: Thu, 15 Jan 2026 09:30:00 GMT"], ["Issued At: 2026", "Issued At: +002026"],
    ["Expiration Time: 2026", "Expiration Time: never"], ["URI: https://service.example/login", "URI: not a uri"], ["URI: https:", "URI: "], ["URI: https://service.example/login", "URI: https://service.example/ü"],
    ["URI: https://service.example/login", "URI: https://service.example/%zz"], ["service.example wants", "sérvice.example wants"], ["service.example wants", " wants"], ["service.example wants", "service.example/x wants"],
    ["terms:", "terms:\n"], ["terms:", "terms:\r\n"], ["terms:", "terms\u2028"], ["terms:", "terms \"quoted\""], ["terms:", "terms \ud83d\ude00"], ["Request ID: some_id", "Request ID: some id"], ["Request ID: some_id", "Request ID: some/id"],
    ["- ipfs", "* ipfs"], ["- ipfs:", "- _ipfs_"], ["/claim.json", "/claim.json - https://service.example/other"], ["service.example wants", "not_a_host wants"], ["Nonce: 32891757\n", "Nonce: 32891757"], ["- ipfs://", "- "], ["0x19E7", "0X19E7"], ["0x19E7", "19E7"], ["DAff2A", "DAff2"], ["Ethereum account:", "Ethereum account"], ["Ethereum", "ethereum"], ["wants you", "wants  you"],
  ]; // biome-ignore format: one glance
  for (const [from, to] of wrong) {
    assert.ok(text.includes(from), from);
    assert.equal(readMessage(text.replace(from, to)), undefined, `${from} → ${to}`);
  }
  for (const padded of [
    `${text}\n`,
    `\n${text}`,
    ` ${text}`,
    `\ufeff${text}`,
    `${text}\n- x:y\nNonce: 32891758`,
    text.replaceAll("\n", "\r\n"),
  ])
    assert.equal(readMessage(padded), undefined, JSON.stringify(padded));
});

test("whatever one character is changed to, the message is refused or read as what it says", () => {
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.string({ unit: "binary", minLength: 0, maxLength: 2 }), (index, insert) => {
      const changed = text.slice(0, index) + insert + text.slice(index + 1);
      const read = readMessage(changed);
      assert.ok(read === undefined || formatMessage(read) === changed);
    }),
    { numRuns: 2000 },
  );
});

test("a text made to be slow to read is refused at once", () => {
  const started = performance.now();
  for (const slow of [
    `${"a".repeat(4000)} wants`,
    text.replace("some_id", "%41".repeat(1300)),
    text.replace("terms", "%".repeat(3500)),
    `${"a@".repeat(2000)} wants you`,
  ])
    readMessage(slow);
  assert.ok(performance.now() - started < 250, "regular expressions must not backtrack without end");
});

import { createHash, createSign, generateKeyPairSync, randomBytes } from "node:crypto";

type CreationOptions = {
  challenge: string;
  rp: { id: string };
  user: { id: string };
  excludeCredentials: { id: string }[];
};
type RequestOptions = { challenge: string; rpId: string; allowCredentials: { id: string }[] };

/** What a faithful authenticator would not do. */
type Lies = {
  origin?: string;
  challenge?: string;
  rpId?: string;
  type?: string;
  userPresent?: boolean;
  count?: number;
  /** Signs with another key. */
  foreignKey?: boolean;
  format?: string;
  statement?: Map<string, unknown>;
};

/**
 * A passkey in software (WebAuthn level 2): ES256, no attestation, a counter that moves. Its answers are in the form of
 * `PublicKeyCredential.toJSON()`.
 */
export function createAuthenticator(origin: string) {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const stranger = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  const credentialId = randomBytes(16);
  const id = credentialId.toString("base64url");
  let count = 0;
  const clientData = (type: string, challenge: string, lies: Lies) =>
    Buffer.from(
      JSON.stringify({
        type: lies.type ?? type,
        challenge: lies.challenge ?? challenge,
        origin: lies.origin ?? origin,
        crossOrigin: false,
      }),
    );
  const authenticatorData = (rpId: string, lies: Lies, attested: Buffer) => {
    count += 1;
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(lies.count ?? count);
    const flags = (lies.userPresent === false ? 0 : 0x01) | 0x04 | (attested.length > 0 ? 0x40 : 0);
    return Buffer.concat([sha256(lies.rpId ?? rpId), Buffer.from([flags]), counter, attested]);
  };
  return {
    id,
    /** Answers `navigator.credentials.create`. */
    create: ({ challenge, rp }: CreationOptions, lies: Lies = {}) => {
      const { x = "", y = "" } = publicKey.export({ format: "jwk" });
      const key = encode(
        new Map<number, unknown>([
          [1, 2],
          [3, -7],
          [-1, 1],
          [-2, Buffer.from(x, "base64url")],
          [-3, Buffer.from(y, "base64url")],
        ]),
      );
      const length = Buffer.from([0, credentialId.length]);
      const attested = Buffer.concat([Buffer.alloc(16), length, credentialId, key]);
      const attestation = new Map<string, unknown>([
        ["fmt", lies.format ?? "none"],
        ["attStmt", lies.statement ?? new Map()],
        ["authData", authenticatorData(rp.id, lies, attested)],
      ]);
      return {
        id,
        rawId: id,
        type: "public-key",
        authenticatorAttachment: "platform",
        clientExtensionResults: { credProps: { rk: true } },
        response: {
          clientDataJSON: clientData("webauthn.create", challenge, lies).toString("base64url"),
          attestationObject: encode(attestation).toString("base64url"),
          transports: ["internal"],
        },
      };
    },
    /** Answers `navigator.credentials.get`. */
    get: ({ challenge, rpId }: RequestOptions, lies: Lies = {}) => {
      const data = authenticatorData(rpId, lies, Buffer.alloc(0));
      const client = clientData("webauthn.get", challenge, lies);
      const signature = createSign("sha256")
        .update(Buffer.concat([data, sha256(client)]))
        .sign(lies.foreignKey ? stranger : privateKey);
      return {
        id,
        rawId: id,
        type: "public-key",
        clientExtensionResults: {},
        response: {
          clientDataJSON: client.toString("base64url"),
          authenticatorData: data.toString("base64url"),
          signature: signature.toString("base64url"),
          userHandle: null,
        },
      };
    },
  };
}

const sha256 = (data: string | Buffer) => createHash("sha256").update(data).digest();

/** CBOR (RFC 8949) of what WebAuthn uses: small integers, texts, bytes, maps and lists. */
export function encode(value: unknown): Buffer {
  if (typeof value === "number") return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === "string") return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(encode)]);
  if (!(value instanceof Map)) throw new Error("There is no such value in WebAuthn.");
  return Buffer.concat([head(5, value.size), ...[...value].flatMap(([name, part]) => [encode(name), encode(part)])]);
}

function head(major: number, size: number): Buffer {
  if (size < 24) return Buffer.from([(major << 5) | size]);
  return size < 256 ? Buffer.from([(major << 5) | 24, size]) : Buffer.from([(major << 5) | 25, size >> 8, size & 255]);
}

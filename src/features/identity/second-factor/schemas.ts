import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from "@simplewebauthn/server";
import { type Static, Type } from "typebox";
import { closed, nullable, oneOf } from "../../../foundation/http/index.ts";
import { reasonSchema, uuidSchema } from "../../users/index.ts";
import { codeSchema } from "../schemas.ts";

const exampleToken = "b1q9Zr6vYt0mS4hXc2KpWn8dLe3fGa7uJo5iRxTyVzQ";
const exampleChallenge = `0199d3a1-6c1e-7b44-9a0e-3f2d1c5b7a90.${exampleToken}`;
const text = Type.String();

const base64url = (maxLength: number) =>
  Type.String({ minLength: 1, maxLength, pattern: "^[A-Za-z0-9_-]+$", description: "base64url without padding" });

/** What a browser adds of its own, differently from one to the next; nothing of it is looked at. */
const unread = Type.Record(Type.String(), Type.Unknown());

const transports = Type.Array(Type.String({ maxLength: 32 }), { maxItems: 10 });
const attachment = Type.Optional(nullable(Type.String({ maxLength: 32 })));
const publicKey = oneOf(["public-key"]);

/** `PublicKeyCredential.toJSON()` after `navigator.credentials.create` (WebAuthn section 5.1.8). */
const registrationResponse = closed(
  {
    id: base64url(1400),
    rawId: base64url(1400),
    type: publicKey,
    authenticatorAttachment: attachment,
    clientExtensionResults: Type.Optional(unread),
    response: closed({
      clientDataJSON: base64url(4000),
      attestationObject: base64url(16_000),
      authenticatorData: Type.Optional(base64url(8000)),
      transports: Type.Optional(transports),
      publicKeyAlgorithm: Type.Optional(Type.Integer()),
      publicKey: Type.Optional(nullable(base64url(8000))),
    }),
  },
  {
    description: "what `navigator.credentials.create` gave, as JSON",
    examples: [
      {
        id: "AQIDBAUGBwgJCgsMDQ4PEA",
        rawId: "AQIDBAUGBwgJCgsMDQ4PEA",
        type: "public-key",
        clientExtensionResults: {},
        response: { clientDataJSON: "eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIn0", attestationObject: "o2NmbXRkbm9uZQ" },
      },
    ],
  },
);

/** The same after `navigator.credentials.get`. */
const authenticationResponse = closed(
  {
    id: base64url(1400),
    rawId: base64url(1400),
    type: publicKey,
    authenticatorAttachment: attachment,
    clientExtensionResults: Type.Optional(unread),
    response: closed({
      clientDataJSON: base64url(4000),
      authenticatorData: base64url(8000),
      signature: base64url(2000),
      userHandle: Type.Optional(nullable(base64url(200))),
    }),
  },
  {
    description: "what `navigator.credentials.get` gave, as JSON",
    examples: [
      {
        id: "AQIDBAUGBwgJCgsMDQ4PEA",
        rawId: "AQIDBAUGBwgJCgsMDQ4PEA",
        type: "public-key",
        clientExtensionResults: {},
        response: {
          clientDataJSON: "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0In0",
          authenticatorData: "SZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2M",
          signature: "MEUCIQD",
        },
      },
    ],
  },
);

const recoveryCode = Type.String({ minLength: 10, maxLength: 40, examples: ["k3v9d-0w8rt"] });

const challenge = Type.String({
  minLength: 1,
  maxLength: 200,
  description: "as it was answered with",
  examples: [exampleChallenge],
});

const proofFields = {
  code: Type.Optional(codeSchema),
  recovery_code: Type.Optional(recoveryCode),
  passkey: Type.Optional(authenticationResponse),
};

export const completeLogInSchema = closed(
  { challenge, ...proofFields },
  { description: "exactly one of the three proofs", examples: [{ challenge: exampleChallenge, code: "042917" }] },
);

export const beginEnrolmentSchema = closed({ method: oneOf(["totp", "passkey"]) });

export const finishEnrolmentSchema = closed(
  { challenge, code: Type.Optional(codeSchema), passkey: Type.Optional(registrationResponse) },
  {
    description: "`code` for an app, `passkey` for a passkey",
    examples: [{ challenge: exampleToken, code: "042917" }],
  },
);

export const removeSchema = closed(
  {
    factor_id: Type.Optional(uuidSchema),
    challenge: Type.Optional(challenge),
    ...proofFields,
    reason: Type.Optional(reasonSchema),
  },
  {
    description: "Of the own account with a challenge and one proof; as an operator with a reason instead.",
    examples: [{ challenge: exampleChallenge, code: "042917" }],
  },
);

export type RemoveBody = Static<typeof removeSchema>;

const descriptor = closed({ id: text, type: publicKey, transports: Type.Optional(Type.Array(text)) });

const creationOptions = closed({
  challenge: text,
  rp: closed({ id: text, name: text }),
  user: closed({ id: text, name: text, displayName: text }),
  pubKeyCredParams: Type.Array(closed({ type: publicKey, alg: Type.Integer({ examples: [-7] }) })),
  timeout: Type.Integer({ description: "milliseconds" }),
  attestation: text,
  excludeCredentials: Type.Array(descriptor),
  authenticatorSelection: closed({
    residentKey: text,
    requireResidentKey: Type.Boolean(),
    userVerification: text,
  }),
  extensions: closed({ credProps: Type.Boolean() }),
  hints: Type.Array(text),
});

const requestOptions = closed({
  challenge: text,
  rpId: text,
  allowCredentials: Type.Array(descriptor),
  timeout: Type.Integer({ description: "milliseconds" }),
  userVerification: text,
});

const expiresIn = Type.Integer({ description: "Seconds that the challenge counts.", examples: [600] });

export const enrolmentSchema = closed(
  {
    method: oneOf(["totp", "passkey"]),
    challenge: text,
    expiresIn,
    secret: Type.Optional(Type.String({ description: "Base32; shown this once." })),
    otpauth_uri: Type.Optional(Type.String({ description: "For the app, as a QR code." })),
    passkey: Type.Optional(Type.Unsafe<PublicKeyCredentialCreationOptionsJSON>(creationOptions)),
  },
  {
    examples: [
      {
        method: "totp",
        challenge: exampleToken,
        expiresIn: 600,
        secret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
        otpauth_uri:
          "otpauth://totp/Usher:ada%40example.com?issuer=Usher&secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&algorithm=SHA1&digits=6&period=30",
      },
    ],
  },
);

export const enrolledSchema = closed(
  {
    factor_id: text,
    method: oneOf(["totp", "passkey"]),
    recovery_codes: Type.Optional(
      Type.Array(text, { description: "With the first factor only, shown this once; each counts once." }),
    ),
  },
  {
    examples: [
      {
        factor_id: "0199d3a4-7c55-7e21-8f0a-2b3c4d5e6f70",
        method: "totp",
        recovery_codes: ["k3v9d-0w8rt", "7h2mq-x5c9e"],
      },
    ],
  },
);

export const recoveryCodesSchema = closed(
  { recovery_codes: Type.Array(text, { description: "Shown this once; each counts once." }) },
  { examples: [{ recovery_codes: ["k3v9d-0w8rt", "7h2mq-x5c9e"] }] },
);

export const demandSchema = closed(
  {
    challenge: text,
    expiresIn,
    methods: Type.Array(oneOf(["totp", "passkey", "recovery-code"])),
    passkey: Type.Optional(Type.Unsafe<PublicKeyCredentialRequestOptionsJSON>(requestOptions)),
  },
  { examples: [{ challenge: exampleChallenge, expiresIn: 300, methods: ["totp", "recovery-code"] }] },
);

export const factorsSchema = closed(
  {
    factors: Type.Array(
      closed({
        factor_id: text,
        method: oneOf(["totp", "passkey"]),
        enrolled_at: Type.String({ format: "date-time" }),
        last_used_at: nullable(Type.String({ format: "date-time" })),
      }),
    ),
    recovery_codes_left: Type.Integer(),
  },
  {
    examples: [
      {
        factors: [
          {
            factor_id: "0199d3a4-7c55-7e21-8f0a-2b3c4d5e6f70",
            method: "totp",
            enrolled_at: "2026-01-15T09:40:00.000Z",
            last_used_at: "2026-01-15T09:40:00.000Z",
          },
        ],
        recovery_codes_left: 10,
      },
    ],
  },
);

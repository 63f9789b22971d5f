import { type Static, Type } from "typebox";
import { closed, nullable } from "../../../foundation/http/index.ts";
import { userParams, uuidSchema } from "../../users/index.ts";

const exampleAddress = "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A";
const exampleNonce = "9f86d081884c7d659a2feaa0c55ad015";
const exampleBackSig = "WzE3Njg0NjgwMDAwMDAsMSxudWxsLG51bGxd.3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const exampleMessage = [
  "usher.example wants you to sign in with your Ethereum account:",
  exampleAddress,
  "",
  "Log in with this wallet. Signing costs nothing and sends no transaction.",
  "",
  "URI: https://usher.example",
  "Version: 1",
  "Chain ID: 1",
  `Nonce: ${exampleNonce}`,
  "Issued At: 2026-01-15T09:30:00.000Z",
  "Expiration Time: 2026-01-15T09:35:00.000Z",
].join("\n");

/** An address in any case. */
export const addressSchema = Type.String({
  pattern: "^0x[0-9a-fA-F]{40}$",
  maxLength: 42,
  description: "0x and 40 hexadecimal digits",
  examples: [exampleAddress],
});

export const nonceQuerySchema = closed({
  address: Type.Optional(addressSchema),
  chainId: Type.Optional(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })),
  user_id: Type.Optional(
    Type.String({ pattern: uuidPattern(), description: "a UUID: the account that the wallet is to be linked to" }),
  ),
});

function uuidPattern(): string {
  return (uuidSchema as { pattern?: string }).pattern ?? "";
}

export const nonceSchema = closed({
  nonce: Type.String({ examples: [exampleNonce] }),
  backSig: Type.String({
    description: "Our signature on the nonce; send it back with it.",
    examples: [exampleBackSig],
  }),
  message: nullable(
    Type.String({
      description: "The text to sign (EIP-4361); null where no address was given.",
      examples: [exampleMessage],
    }),
  ),
  expiresAt: Type.String({ format: "date-time" }),
});

/** 10,000 bytes hold any signature of a wallet still to be deployed (ERC-6492). */
const signature = Type.String({
  pattern: "^0x([0-9a-fA-F]{2})+$",
  maxLength: 20_002,
  description: "0x and hexadecimal digits, two for each byte",
  examples: [`0x${"62".repeat(64)}1b`],
});

export const walletProofSchema = closed({
  userAddress: addressSchema,
  frontSig: signature,
  nonce: Type.String({
    pattern: "^[0-9a-f]{32}$",
    maxLength: 32,
    description: "the nonce of GET /auth/nonce",
    examples: [exampleNonce],
  }),
  backSig: Type.String({
    pattern: "^[A-Za-z0-9_-]{1,400}\\.[A-Za-z0-9_-]{43}$",
    maxLength: 444,
    description: "the backSig of GET /auth/nonce",
    examples: [exampleBackSig],
  }),
  message: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 4096,
      description: "The text that was signed; the `message` of GET /auth/nonce where it is left out.",
      examples: [exampleMessage],
    }),
  ),
});

export const walletsSchema = closed({
  wallets: Type.Array(
    closed({
      address: Type.String({ description: "In the mixed case of EIP-55.", examples: [exampleAddress] }),
      primary: Type.Boolean(),
      linkedAt: Type.String({ format: "date-time" }),
    }),
  ),
});

export const walletParams = closed({ user_id: userParams.properties.user_id, address: addressSchema });

export type WalletList = Static<typeof walletsSchema>;

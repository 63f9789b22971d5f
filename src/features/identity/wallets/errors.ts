import { declareError } from "../../../foundation/errors/index.ts";

export const invalidWalletMessage = declareError({
  code: "invalid-wallet-message",
  status: 400,
  title: "The signed message does not count here",
  remedy:
    "`errors` names what is wrong. Sign the `message` of GET /auth/nonce as it is; a text of your own must follow EIP-4361 to the letter.",
});

export const invalidNonce = declareError({
  code: "invalid-nonce",
  status: 401,
  title: "The nonce does not count",
  remedy:
    "It was not given out by GET /auth/nonce for this purpose and this wallet, is older than five minutes, or was used. Ask for a new one and sign again; to link a wallet to an account, ask with `user_id`.",
});

export const invalidWalletSignature = declareError({
  code: "invalid-wallet-signature",
  status: 401,
  title: "The signature is not the wallet's",
  remedy:
    "Sign exactly the `message` with `personal_sign` (EIP-191) and the key of the address in it. A contract wallet's signature is checked on a chain, where the operator has configured one. Each nonce allows one try: ask for a new one.",
});

export const contractWalletRefused = declareError({
  code: "contract-wallet-not-supported",
  status: 400,
  title: "This kind of wallet cannot be checked here",
  remedy:
    "A signature of other than 65 bytes is a contract wallet's (ERC-1271, ERC-6492). It is checked on a chain, and the operator has to configure one with CHAIN_RPC_URL. Use a wallet that signs with a key of its own.",
});

export const walletTaken = declareError({
  code: "wallet-already-linked",
  status: 409,
  title: "This wallet is linked to an account already",
  remedy: "Unlink it there first; a wallet belongs to one account.",
});

export const tooManyWallets = declareError({
  code: "too-many-wallets",
  status: 409,
  title: "This account has as many wallets as it may have",
  remedy: "Unlink one of its 20 wallets first.",
});

export const walletNotFound = declareError({
  code: "wallet-not-found",
  status: 404,
  title: "This wallet is not linked to the account",
  remedy: "GET /users/{user_id}/wallets lists those that are.",
});

export const lastWayIn = declareError({
  code: "last-way-in",
  status: 409,
  title: "Without this wallet nobody could log in to the account",
  remedy: "Link another wallet first.",
});

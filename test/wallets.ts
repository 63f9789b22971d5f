import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import type { Answer, Send, SendOptions } from "./harness.ts";

/** A wallet with a key of its own. */
export type Wallet = PrivateKeyAccount;

/** A nonce as `GET /auth/nonce` gives it. */
export type Offered = { nonce: string; backSig: string; message: string; expiresAt: string };

/** A new wallet. */
export function createWallet(): Wallet {
  return privateKeyToAccount(generatePrivateKey());
}

/** Asks for a nonce with the ready message of a wallet; `more` goes into the query. */
export async function askNonce(
  send: Send,
  wallet: { address: string },
  more: Record<string, string> = {},
): Promise<Offered> {
  const query = new URLSearchParams({ address: wallet.address, ...more });
  const { status, body, text } = await send("GET", `/auth/nonce?${query}`);
  if (status !== 200) throw new Error(`The nonce answered ${status}: ${text}`);
  return body;
}

/** The body that proves a wallet: the ready message, signed; `more` replaces parts of it. */
export async function prove(wallet: Wallet, { nonce, backSig, message }: Offered, more: Record<string, unknown> = {}) {
  const frontSig = await wallet.signMessage({ message });
  return { userAddress: wallet.address, frontSig, nonce, backSig, message, ...more };
}

/** Logs in with a wallet through the front door. */
export async function logInWith(send: Send, wallet: Wallet, options: SendOptions = {}): Promise<Answer> {
  return send("POST", "/auth/nonce", { body: await prove(wallet, await askNonce(send, wallet)), ...options });
}

/** Somebody who came with a wallet; their token. */
export async function enterWith(send: Send, wallet: Wallet): Promise<string> {
  const { status, body, text } = await logInWith(send, wallet);
  if (status !== 200) throw new Error(`The wallet's log-in answered ${status}: ${text}`);
  return body.accessToken;
}

import { tooManyRequests, unavailable } from "../../../foundation/errors/common.ts";
import { created, ok, type Route } from "../../../foundation/http/index.ts";
import { anyone, type Caller, own, route } from "../../access/index.ts";
import { userNotFound, userParams } from "../../users/index.ts";
import { accountBlocked, accountClosed, accountInactive } from "../errors.ts";
import { tokensSchema } from "../schemas.ts";
import { secondFactorRequired } from "../second-factor/index.ts";
import { sourceOf } from "../throttle.ts";
import {
  contractWalletRefused,
  invalidNonce,
  invalidWalletMessage,
  invalidWalletSignature,
  lastWayIn,
  tooManyWallets,
  walletNotFound,
  walletTaken,
} from "./errors.ts";
import { linkWallet } from "./link-wallet.ts";
import { logInWithWallet } from "./log-in-with-wallet.ts";
import { offerNonce } from "./offer-nonce.ts";
import type { WalletDeps } from "./prove-wallet.ts";
import {
  nonceQuerySchema,
  nonceSchema,
  type WalletList,
  walletParams,
  walletProofSchema,
  walletsSchema,
} from "./schemas.ts";
import { choosePrimaryWallet, unlinkWallet } from "./unlink-wallet.ts";
import { listWalletRows, type WalletRow } from "./wallets.queries.ts";

const proofRefusals = [invalidNonce, invalidWalletMessage, invalidWalletSignature, contractWalletRefused];

/** Logging in with a wallet, and the wallets of a user. */
export function walletRoutes(deps: WalletDeps): Route<Caller>[] {
  return [...nonceRoutes(deps), ...ownWalletRoutes(deps)];
}

function nonceRoutes(deps: WalletDeps): Route<Caller>[] {
  return [
    route({
      method: "GET",
      path: "/auth/nonce",
      summary: "Get a nonce, and the message for a wallet to sign",
      tag: "Wallets",
      access: anyone,
      budget: "sensitive",
      query: nonceQuerySchema,
      answers: { 200: nonceSchema },
      handle: async ({ query: { user_id: userId, ...query } }) => ok(await offerNonce(deps, { ...query, userId })),
    }),
    route({
      method: "POST",
      path: "/auth/nonce",
      summary: "Log in with a signed nonce; an unknown wallet registers",
      tag: "Wallets",
      access: anyone,
      budget: "sensitive",
      body: walletProofSchema,
      answers: { 200: tokensSchema },
      errors: [
        ...proofRefusals,
        secondFactorRequired,
        accountInactive,
        accountBlocked,
        accountClosed,
        tooManyRequests,
        unavailable,
      ],
      handle: async ({ body, requestId, source }) =>
        ok(await logInWithWallet(deps, { proof: body, requestId, source: sourceOf(source) })),
    }),
  ];
}

function ownWalletRoutes(deps: WalletDeps): Route<Caller>[] {
  const path = "/users/:user_id/wallets";
  const common = { tag: "Wallets", access: own("user_id") } as const;
  return [
    route({
      ...common,
      method: "GET",
      path,
      summary: "List the wallets of the account",
      params: userParams,
      answers: { 200: walletsSchema },
      handle: async ({ caller }) => ok(presentWallets(await listWalletRows(deps.db, caller.userId))),
    }),
    route({
      ...common,
      method: "POST",
      path,
      summary: "Link a wallet, proven by its signature of a nonce for this account",
      budget: "sensitive",
      params: userParams,
      body: walletProofSchema,
      answers: { 201: walletsSchema },
      errors: [...proofRefusals, walletTaken, tooManyWallets, userNotFound, unavailable],
      handle: async ({ params, body, caller, requestId, source }) =>
        created(
          presentWallets(
            await linkWallet(deps, {
              userId: params.user_id,
              caller,
              proof: body,
              requestId,
              source: sourceOf(source),
            }),
          ),
        ),
    }),
    route({
      ...common,
      method: "DELETE",
      path: `${path}/:address`,
      summary: "Unlink a wallet; the last way in stays",
      params: walletParams,
      answers: { 200: walletsSchema },
      errors: [walletNotFound, lastWayIn, userNotFound],
      handle: async ({ params, caller, requestId }) =>
        ok(
          presentWallets(
            await unlinkWallet(deps, { userId: caller.userId, address: params.address, caller, requestId }),
          ),
        ),
    }),
    route({
      ...common,
      method: "PUT",
      path: `${path}/:address/primary`,
      summary: "Make a wallet the one that others are shown",
      params: walletParams,
      answers: { 200: walletsSchema },
      errors: [walletNotFound, userNotFound],
      handle: async ({ params, caller, requestId }) =>
        ok(
          presentWallets(
            await choosePrimaryWallet(deps, { userId: caller.userId, address: params.address, caller, requestId }),
          ),
        ),
    }),
  ];
}

function presentWallets(rows: readonly WalletRow[]): WalletList {
  return {
    wallets: rows.map(({ address, primary, linkedAt }) => ({ address, primary, linkedAt: linkedAt.toISOString() })),
  };
}

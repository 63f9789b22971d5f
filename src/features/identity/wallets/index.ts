export { type Chain, createChain } from "./chain.ts";
export type { WalletSettings } from "./prove-wallet.ts";
export { walletRoutes } from "./routes.ts";
export { deleteNoncesExpiredBefore, findPrimaryWallets } from "./wallets.queries.ts";

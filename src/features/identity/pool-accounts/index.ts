export { handlePoolJobs, poolJobs } from "./handle-pool-jobs.ts";
export { importAccount } from "./import-account.ts";
export { createPoolAccounts, type PoolAccounts } from "./pool-accounts.ts";
export { registerInPool } from "./register-in-pool.ts";
export { repairSignUps } from "./repair-sign-ups.ts";
export { signOutOfPool } from "./sign-out-of-pool.ts";

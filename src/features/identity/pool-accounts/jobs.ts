import { defineJob } from "../../../foundation/jobs/index.ts";

/** An outage of an hour or two passes before these give up. */
const patience = { retryLimit: 10, retryDelaySeconds: 5, expireInSeconds: 60 };

/** Brings an account of the outside pool to what our record says of the person: may log in, or may not. */
export const alignPoolAccountJob = defineJob<{ userId: string }>({ name: "align-pool-account", ...patience });

/** Ends the log-ins of an account at the outside pool, where that failed at first. */
export const signOutOfPoolJob = defineJob<{ subject: string }>({ name: "sign-out-of-pool", ...patience });

/** Deletes an erased person's account from the outside pool. */
export const deletePoolAccountJob = defineJob<{ subject: string }>({ name: "delete-pool-account", ...patience });

import { defineJob } from "../../foundation/jobs/index.ts";

/** Sends one message; a mail server that is away for a few hours loses nothing. */
export const deliverMessageJob = defineJob<{ messageId: string }>({
  name: "deliver-message",
  retryLimit: 10,
  retryDelaySeconds: 5,
  expireInSeconds: 60,
});

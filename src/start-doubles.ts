import { validate as validateUuid } from "uuid";
import { type Config, portOf, usesCognitoDouble } from "./config.ts";
import { findUser } from "./features/users/index.ts";
import type { Clock } from "./foundation/clock/index.ts";
import type { Db } from "./foundation/database/index.ts";

/** The doubles of outside parties, listening. */
export type Doubles = Awaited<ReturnType<typeof startDoubles>>;

/** In sandbox mode, wherever an outside party is not configured. */
export function needsDoubles(config: Config): boolean {
  return config.USHER_MODE === "sandbox" && !(config.VERIFF_BASE_URL && config.SMTP_URL);
}

/** The doubles of outside parties. Imported here and only here, and only in sandbox mode: production never loads them. */
export async function startDoubles(config: Config, clock: Clock, db: Db) {
  const { startSandbox } = await import("./sandbox/index.ts");
  const host = config.HOST === "0.0.0.0" ? "127.0.0.1" : config.HOST;
  const port = config.SANDBOX_PORT ?? portOf(config) + 1;
  return startSandbox({
    host,
    port,
    dataDir: config.USHER_DATA_DIR,
    cognito: usesCognitoDouble(config),
    webhookUrl: `http://${host}:${portOf(config)}/users/webhook-kyc`,
    bridgeWebhookUrl: `http://${host}:${portOf(config)}/users/webhook/kyc`,
    clock,
    weather: config.SANDBOX_WEATHER,
    findFirstName: async (userId) =>
      (validateUuid(userId) ? (await findUser(db, userId))?.fname : undefined) ?? undefined,
  });
}

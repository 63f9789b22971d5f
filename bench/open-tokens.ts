import { readConfig } from "../src/config.ts";
import { accountMayAct, createTokenMachinery } from "../src/features/identity/index.ts";
import { systemClock } from "../src/foundation/clock/index.ts";
import { connectDatabase } from "../src/foundation/database/index.ts";
import { createLogger } from "../src/foundation/logging/index.ts";
import { loadKeys, loadTokenKeys } from "../src/keys.ts";

/** Usher's own token machinery on the database of a server's environment: its tokens are that server's tokens. */
export async function openTokens(environment: Record<string, string | undefined>) {
  const config = readConfig(environment);
  const log = createLogger({ level: "error" });
  const clock = systemClock;
  const connection = connectDatabase({
    url: config.DATABASE_URL ?? "",
    poolSize: config.DATABASE_POOL_SIZE ?? 10,
    applicationName: "usher bench",
    log,
  });
  const keys = await loadKeys(config);
  const tokens = createTokenMachinery({
    db: connection.db,
    clock,
    log,
    hash: keys.hash,
    publicUrl: config.PUBLIC_URL ?? "",
    signingKeys: await loadTokenKeys({ db: connection.db, clock, keys }),
    cookieKey: keys.cookieKey,
    accountMayAct,
    loginEnded: async () => {},
  });
  return { tokens, connection };
}

/** One access token a user, each from a log-in of its own. They live for 15 minutes. */
export async function issueAccessTokens(
  environment: Record<string, string>,
  userIds: readonly string[],
): Promise<string[]> {
  const { tokens, connection } = await openTokens(environment);
  try {
    return await connection.db.transaction().execute(async (trx) => {
      const issued: string[] = [];
      for (const userId of userIds) issued.push((await tokens.issue(trx, { userId })).accessToken);
      return issued;
    });
  } finally {
    await connection.close();
  }
}

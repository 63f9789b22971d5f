import { sql } from "kysely";
import pg from "pg";
import { createTestDatabase } from "../../../../test/database.ts";
import { createTestClock, type TestClock } from "../../../foundation/clock/index.ts";
import {
  createKeyedHash,
  createPlatformSeal,
  loadSigningKeys,
  type SigningKey,
} from "../../../foundation/crypto/index.ts";
import type { Db } from "../../../foundation/database/index.ts";
import { createLogger } from "../../../foundation/logging/index.ts";
import { createTokenMachinery, type TokenPair, type Tokens, type UserToken } from "./index.ts";

export const publicUrl = "https://usher.example";

/** A token machinery on a database of its own, with the switches that its tests turn. */
export type TestMachinery = {
  tokens: Tokens;
  db: Db;
  clock: TestClock;
  signingKeys: [SigningKey, ...SigningKey[]];
  /** Accounts that may not act. */
  blocked: Set<string>;
  /** Accounts whose standing cannot be read, as if the database were away. */
  unreachable: Set<string>;
  /** What `loginEnded` was told. */
  ended: { userId: string; grantId: string; reason: string }[];
  /** The lines that were logged. */
  logged: string[];
  /** Runs a statement as the database's owner. */
  runAsOwner(statement: string): Promise<void>;
  /** What a person's token says. */
  verifyUser(token: string): Promise<UserToken>;
  logIn(userId?: string): Promise<TokenPair & { userId: string; grantId: string }>;
  dispose(): Promise<void>;
};

/** Builds it; the clock stands at the present moment. */
export async function createTestMachinery(): Promise<TestMachinery> {
  const { db, ownerUrl, drop } = await createTestDatabase();
  const clock = createTestClock(new Date());
  const signingKeys = await loadSigningKeys({ db, clock, seal: createPlatformSeal(Buffer.alloc(32, 1)) }, "tokens");
  const blocked = new Set<string>();
  const unreachable = new Set<string>();
  const ended: TestMachinery["ended"] = [];
  const logged: string[] = [];
  const log = createLogger({ level: "info", destination: { write: (line: string) => void logged.push(line) } });
  const tokens = createTokenMachinery({
    db,
    clock,
    log,
    hash: createKeyedHash(Buffer.alloc(32, 2)),
    publicUrl,
    signingKeys,
    cookieKey: Buffer.alloc(32, 3),
    accountMayAct: async (trx, userId) => {
      if (unreachable.has(userId)) throw Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
      await sql`select 1`.execute(trx);
      return !blocked.has(userId);
    },
    loginEnded: async (_trx, login) => void ended.push(login),
  });
  const verifyUser = async (token: string) => {
    const verified = await tokens.verifyAccessToken(token);
    if (verified.kind !== "user") throw new Error("This is no person's token.");
    return verified;
  };
  const logIn = async (userId: string = crypto.randomUUID()) => {
    const pair = await db.transaction().execute((trx) => tokens.issue(trx, { userId }));
    const { grantId } = await verifyUser(pair.accessToken);
    return { ...pair, userId, grantId };
  };
  const runAsOwner = async (statement: string) => {
    const client = new pg.Client({ connectionString: ownerUrl });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  return {
    tokens,
    runAsOwner,
    db,
    clock,
    signingKeys,
    blocked,
    unreachable,
    ended,
    logged,
    verifyUser,
    logIn,
    dispose: drop,
  };
}

import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createUsher } from "../src/app.ts";
import { readConfig } from "../src/config.ts";
import { randomIds } from "../src/foundation/ids/index.ts";
import { createLogger } from "../src/foundation/logging/index.ts";
import { testApiRole } from "./database.ts";
import { findFreePort } from "./free-port.ts";
import { type Send, sender, type TestUsher } from "./harness.ts";

/**
 * A second Usher on the database of the first, with the same keys, as behind a load balancer: what the first one keeps in
 * its memory does not help here.
 */
export async function startSecond(first: TestUsher): Promise<{ send: Send; adminLink: string; stop(): Promise<void> }> {
  const [dataDir, port] = await Promise.all([mkdtemp(join(tmpdir(), "usher-test-")), findFreePort()]);
  await copyFile(join(first.dataDir, "master.key"), join(dataDir, "master.key"));
  const { apiKey, sharedSecret } = first.sandbox.veriff;
  const { bridge } = first.sandbox;
  const config = readConfig({
    PORT: String(port),
    SANDBOX_PORT: "0",
    PUBLIC_URL: `http://localhost:${new URL(first.url).port}`,
    USHER_DATA_DIR: dataDir,
    DATABASE_URL: first.ownerUrl,
    VERIFF_API_KEY: apiKey,
    VERIFF_SHARED_SECRET: sharedSecret,
    BRIDGE_BASE_URL: bridge.url,
    BRIDGE_API_KEY: bridge.apiKey,
    BRIDGE_WEBHOOK_PUBLIC_KEYS: bridge.publicKeys.join(""),
    RATE_LIMITS: "off",
    USHER_ROLE: "api",
    LOG_LEVEL: "silent",
  });
  const log = createLogger({ level: "silent" });
  const database = { apiUrl: first.ownerUrl, role: testApiRole, notices: [], stop: async () => {} };
  const usher = await createUsher({ config, log, clock: first.clock, ids: randomIds, version: "0.0.0-test", database });
  const { adminLink = "" } = await usher.start();
  return {
    adminLink,
    send: sender(`http://127.0.0.1:${port}`),
    stop: async () => {
      await usher.stop(5);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { CognitoIdentityProvider } from "@aws-sdk/client-cognito-identity-provider";
import { createTestClock, type TestClock } from "../../../foundation/clock/index.ts";
import { type CognitoDouble, type CognitoDoubleOptions, startCognitoDouble } from "../../../sandbox/cognito/index.ts";
import { startIdentity } from "../identity-for-tests.ts";
import type { CognitoSettings } from "./cognito/index.ts";

/** One identity provider as the contract tests meet it. */
export type Player = Awaited<ReturnType<typeof startIdentity>> & {
  /** The newest code that went to an address, by whoever mails it. */
  codeFor(email: string, purpose: "confirm-email" | "reset-password"): Promise<string>;
};

/** The embedded provider. */
export async function startEmbedded(): Promise<Player> {
  const identity = await startIdentity();
  return { ...identity, codeFor: (email) => identity.newestCode(email) };
}

/** Usher's own double of Amazon Cognito; the two share one clock. */
export async function startDouble(
  options: Partial<CognitoDoubleOptions> & { given?: Partial<CognitoSettings> } = {},
): Promise<Player & { double: CognitoDouble }> {
  const clock = createTestClock(new Date("2026-03-01T12:00:00.000Z"));
  const double = await startCognitoDouble({ host: "127.0.0.1", port: 0, clock, ...options });
  const identity = await startIdentity({ clock, cognito: { ...double, ...options.given } });
  return {
    ...identity,
    double,
    codeFor: async (email, purpose) => {
      const answer = await fetch(`${double.endpoint}/sandbox/codes?email=${encodeURIComponent(email)}`);
      const codes = (await answer.json()) as { signUp: string | null; forgotPassword: string | null };
      return (purpose === "confirm-email" ? codes.signUp : codes.forgotPassword) ?? "";
    },
    stop: async () => {
      await identity.stop();
      await double.close();
    },
  };
}

const emulatorCode = "123456";

/** The emulator `cognito-local`, a process of its own on a free port, with its data in a folder that goes with it. */
export async function startEmulator(): Promise<Player> {
  const folder = await mkdtemp(join(tmpdir(), "usher-cognito-local-"));
  const port = await findFreePort();
  const program = join(dirname(createRequire(import.meta.url).resolve("cognito-local")), "bin/start.js");
  const child = spawn(process.execPath, [program], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOST: "127.0.0.1", PORT: String(port), CODE: emulatorCode },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  const endpoint = `http://127.0.0.1:${port}`;
  const cognito = await createPool(endpoint);
  const clock = followSystemClock();
  const identity = await startIdentity({ clock, cognito });
  return {
    ...identity,
    codeFor: async () => emulatorCode,
    stop: async () => {
      await identity.stop();
      child.kill();
      await once(child, "close");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The emulator dates its tokens by the machine's clock. */
function followSystemClock(): TestClock {
  const ahead = createTestClock(new Date(0));
  return { ...ahead, now: () => new Date(Date.now() + ahead.now().getTime()) };
}

async function createPool(endpoint: string): Promise<CognitoSettings> {
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const sdk = new CognitoIdentityProvider({ region: "local", endpoint, credentials });
  const { UserPool } = await sdk.createUserPool({ PoolName: "usher", UsernameAttributes: ["email"] });
  const { UserPoolClient } = await sdk.createUserPoolClient({
    UserPoolId: UserPool?.Id,
    ClientName: "usher",
    ExplicitAuthFlows: ["ALLOW_USER_PASSWORD_AUTH"],
  });
  sdk.destroy();
  return {
    region: "local",
    endpoint,
    userPoolId: UserPool?.Id ?? "",
    clientId: UserPoolClient?.ClientId ?? "",
    clientSecret: undefined,
  };
}

async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

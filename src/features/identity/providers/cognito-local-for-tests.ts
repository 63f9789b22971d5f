import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { CognitoIdentityProvider } from "@aws-sdk/client-cognito-identity-provider";
import { findFreePort } from "../../../../test/free-port.ts";
import type { CognitoSettings } from "./cognito/index.ts";

/** The emulator `cognito-local` at work: a pool in it, the one code it ever sends, and its end. */
export type CognitoLocal = { cognito: CognitoSettings; code: string; stop(): Promise<void> };

/** Starts it as a process of its own on a free port, with its data in a folder that goes with it. */
export async function startCognitoLocal(): Promise<CognitoLocal> {
  const code = "123456";
  const folder = await mkdtemp(join(tmpdir(), "usher-cognito-local-"));
  const port = await findFreePort();
  const program = join(dirname(createRequire(import.meta.url).resolve("cognito-local")), "bin/start.js");
  const child = spawn(process.execPath, [program], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOST: "127.0.0.1", PORT: String(port), CODE: code },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return {
    cognito: await createPool(`http://127.0.0.1:${port}`),
    code,
    stop: async () => {
      child.kill();
      await once(child, "close");
      await rm(folder, { recursive: true, force: true });
    },
  };
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

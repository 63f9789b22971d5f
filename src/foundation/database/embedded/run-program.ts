import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Account } from "./choose-account.ts";

/**
 * What every PostgreSQL program of ours is started with: `/` as folder, because the account may not enter ours; and a
 * fresh environment, because ours holds secrets. Messages are in English, for they are searched for known causes.
 */
export function spawnSettings(account: Account | undefined) {
  return { cwd: "/", env: { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" }, ...account };
}

/** Runs a PostgreSQL program to its end (one minute at most) and gives what was wrong, or undefined when all is well. */
export async function runProgram(
  file: string,
  programArguments: string[],
  account: Account | undefined,
): Promise<{ trouble: string | undefined }> {
  try {
    await promisify(execFile)(file, programArguments, { ...spawnSettings(account), timeout: 60_000 });
    return { trouble: undefined };
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    return { trouble: stderr?.trim() || message };
  }
}

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { SessionView } from "../veriff/session-view.ts";
import { sign } from "../veriff/signature.ts";
import { startVeriffDouble, type VeriffDoubleOptions } from "../veriff/start-veriff-double.ts";
import { startReceiver } from "./webhook-receiver.ts";

/** The keys of the double under test. */
export const KEYS = {
  apiKey: "7f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d",
  sharedSecret: "abcdef12-abcd-abcd-abcd-abcdef012345",
};

/** What the script API answers to an action. */
export type Played = { delivered: { kind: string; status: number | null }[]; session: SessionView; error?: string };

/** A session as POST /v1/sessions tells it. */
export type Created = {
  id: string;
  url: string;
  vendorData: string;
  host: string;
  status: string;
  sessionToken: string;
};

/** Starts a double with its receiver and closes both after the test. */
export async function startBench(t: TestContext, options: Partial<VeriffDoubleOptions> = {}) {
  const receiver = await startReceiver();
  const double = await startVeriffDouble({
    port: 0,
    host: "127.0.0.1",
    ...KEYS,
    webhookUrl: receiver.url,
    allowHttpCallbacks: true,
    retryAfterSeconds: [3600],
    ...options,
  });
  t.after(async () => {
    await double.close();
    await receiver.close();
  });
  return { ...double, receiver, ...callers(double.url) };
}

function callers(url: string) {
  const headers = { "x-auth-client": KEYS.apiKey, "content-type": "application/json" };
  return {
    async createSession(verification: unknown = {}): Promise<Created> {
      const body = JSON.stringify({ verification });
      const response = await fetch(`${url}/v1/sessions`, { method: "POST", headers, body });
      return ((await response.json()) as { verification: Created }).verification;
    },
    async play(id: string, action: string, body?: unknown): Promise<Played & { httpStatus: number }> {
      const response = await fetch(`${url}/sandbox/sessions/${id}/${action}`, {
        method: "POST",
        ...(body === undefined ? {} : { headers, body: JSON.stringify(body) }),
      });
      return { httpStatus: response.status, ...((await response.json()) as Played) };
    },
    getDecision: (id: string, signature = sign(KEYS.sharedSecret, id)) =>
      fetch(`${url}/v1/sessions/${id}/decision`, {
        headers: { "x-auth-client": KEYS.apiKey, "x-hmac-signature": signature },
      }),
    async listSessions(query = ""): Promise<SessionView[]> {
      const response = await fetch(`${url}/sandbox/sessions${query}`);
      return ((await response.json()) as { sessions: SessionView[] }).sessions;
    },
  };
}

/** A folder that is gone after the test. */
export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "usher-sandbox-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A sample from `test/fixtures/veriff`. */
export async function readSample(name: string): Promise<Record<string, unknown>> {
  const file = new URL(`../../../test/fixtures/veriff/${name}.json`, import.meta.url);
  return JSON.parse(await readFile(file, "utf8"));
}

/** Paths of a sample that are missing, or of another type, in a body; null stands for any type. */
export function shapeDifferences(sample: unknown, actual: unknown, path = ""): string[] {
  if (sample === null || actual === null) return actual === undefined ? [`${path} is missing`] : [];
  if (typeof sample !== typeof actual || Array.isArray(sample) !== Array.isArray(actual)) {
    return [`${path} is ${typeof actual}, not ${typeof sample}`];
  }
  if (typeof sample !== "object" || Array.isArray(sample)) return [];
  return Object.entries(sample).flatMap(([key, value]) =>
    shapeDifferences(value, (actual as Record<string, unknown>)[key], `${path}.${key}`),
  );
}

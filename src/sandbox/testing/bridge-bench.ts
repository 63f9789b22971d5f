import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { TestContext } from "node:test";
import { type BridgeDoubleOptions, startBridgeDouble } from "../bridge/index.ts";
import { startReceiver } from "./webhook-receiver.ts";

/** The key of the double under test. */
export const apiKey = "sk_test_bench";

/** What a call is answered. */
// biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of the body
export type Answered = { status: number; body: any };

type Call = { body?: unknown; raw?: string; headers?: Record<string, string>; key?: string };

/** Starts a double with its receiver and closes both after the test. */
export async function startBench(t: TestContext, options: Partial<BridgeDoubleOptions> = {}) {
  const receiver = await startReceiver();
  const double = await startBridgeDouble({
    port: 0,
    host: "127.0.0.1",
    apiKey,
    webhookUrl: receiver.url,
    retryAfterSeconds: [3600],
    ...options,
  });
  t.after(async () => {
    await double.close();
    await receiver.close();
  });
  const send = async (method: string, path: string, { body, raw, headers = {}, key }: Call = {}): Promise<Answered> => {
    const own = { "api-key": apiKey, ...(method === "POST" ? { "idempotency-key": key ?? randomUUID() } : {}) };
    const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const type = payload === undefined ? {} : { "content-type": "application/json" };
    const all = Object.entries({ ...own, ...type, ...headers }).filter(([, value]) => value !== "");
    const answer = await fetch(`${double.url}${path}`, { method, headers: Object.fromEntries(all), body: payload });
    const text = await answer.text();
    return { status: answer.status, body: text.startsWith("<") ? text : JSON.parse(text) };
  };
  return { ...double, receiver, send };
}

/** A sample from `test/fixtures/bridge`. */
export async function readBridgeSample(name: string): Promise<Record<string, unknown>> {
  const file = new URL(`../../../test/fixtures/bridge/${name}.json`, import.meta.url);
  return JSON.parse(await readFile(file, "utf8"));
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createUsher } from "../src/app.ts";
import { readConfig } from "../src/config.ts";
import { createTestClock } from "../src/foundation/clock/index.ts";
import { randomIds } from "../src/foundation/ids/index.ts";
import { createLogger } from "../src/foundation/logging/index.ts";
import { createTestDatabase, type TestDatabase, testApiRole } from "./database.ts";
import { findFreePort } from "./free-port.ts";

/** What came back: status, headers, and the body read as JSON where it is JSON. */
// biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of the body
export type Answer = { status: number; headers: Headers; body: any; text: string };

/** One request through the front door. */
export type Send = (method: string, path: string, options?: SendOptions) => Promise<Answer>;

export type SendOptions = {
  body?: unknown;
  raw?: string | Uint8Array;
  token?: string;
  headers?: Record<string, string>;
};

/** The password of everybody in the tests. */
export const password = "correct horse battery staple";

/** A running Usher of one test file: a database of its own, doubles on free ports, a clock that stands still. */
export type TestUsher = Awaited<ReturnType<typeof startUsher>>;

/**
 * Starts it. Budgets per caller are off unless `RATE_LIMITS` is set to `on`. Log lines of every level go to `logLines`
 * where it is given. Of a `database` that is given, others may have one process each; it stays when this one stops.
 */
export async function startUsher(
  environment: Record<string, string> = {},
  { logLines, database: shared }: { logLines?: string[]; database?: TestDatabase } = {},
) {
  const [database, dataDir, port] = await Promise.all([
    shared ?? createTestDatabase(),
    mkdtemp(join(tmpdir(), "usher-test-")),
    findFreePort(),
  ]);
  const clock = createTestClock(new Date());
  const config = readConfig({
    PORT: String(port),
    SANDBOX_PORT: "0",
    USHER_DATA_DIR: dataDir,
    DATABASE_URL: database.url,
    DATABASE_POOL_SIZE: "16",
    RATE_LIMITS: "off",
    USHER_ROLE: "api",
    LOG_LEVEL: "silent",
    ...environment,
  });
  const usher = await createUsher({
    config,
    log: logLines
      ? createLogger({ level: "info", destination: { write: (line: string) => void logLines.push(line) } })
      : createLogger({ level: config.LOG_LEVEL }),
    clock,
    ids: randomIds,
    version: "0.0.0-test",
    database: { apiUrl: database.url, role: testApiRole, notices: [], stop: async () => {} },
  });
  const stop = async () => {
    await usher.stop(5);
    if (!shared) await database.drop();
    await rm(dataDir, { recursive: true, force: true });
  };
  const addresses = await usher.start().catch(async (error: unknown) => {
    // What stays open of a failed start would hold up the end of the test file.
    await stop();
    throw error;
  });
  const { sandbox } = usher;
  if (!sandbox) throw new Error("The tests run in sandbox mode.");
  const url = `http://127.0.0.1:${port}`;
  const send = sender(url);
  const actors = createActors(send, { usher, sandbox, adminLink: addresses.adminLink ?? "" });
  return {
    url,
    send,
    clock,
    db: usher.db,
    ownerUrl: database.ownerUrl,
    jobs: usher.jobs,
    sealer: usher.sealer,
    reconcile: usher.reconcile,
    app: usher.app,
    reloadTokenKeys: usher.reloadTokenKeys,
    sandbox,
    dataDir,
    adminLink: addresses.adminLink ?? "",
    ...actors,
    stop,
  };
}

/** Sends requests to one address. */
export function sender(url: string): Send {
  return async (method, path, { body, raw, token, headers } = {}) => {
    const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const answer = await fetch(`${url}${path}`, {
      method,
      redirect: "manual",
      headers: {
        ...(payload === undefined ? {} : { "content-type": "application/json" }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: payload,
    });
    const text = await answer.text();
    const json = /json/.test(answer.headers.get("content-type") ?? "");
    return { status: answer.status, headers: answer.headers, body: json && text ? JSON.parse(text) : undefined, text };
  };
}

/** A person as the tests know one. */
export type Person = { email: string; userId: string; id: number; token: string; refreshToken: string };

type Backstage = {
  usher: { jobs: { drain(): Promise<void> } };
  sandbox: {
    mailbox: { list(filter: { to?: string; limit?: number }): { code?: string }[] };
    veriff: { url: string };
    bridge: { url: string };
  };
  adminLink: string;
};

let counter = 0;

/** People and operators, made through the front door. */
function createActors(send: Send, { usher, sandbox, adminLink }: Backstage) {
  const newestCode = async (email: string): Promise<string> => {
    await usher.jobs.drain();
    const newest = sandbox.mailbox.list({ to: email }).find(({ code }) => code);
    if (!newest?.code) throw new Error(`No code was mailed to ${email}.`);
    return newest.code;
  };
  const register = async (more: Record<string, unknown> = {}) => {
    counter += 1;
    const email = `person${counter}.${process.pid}@example.com`;
    const answer = await send("POST", "/users/register", {
      body: { email, fname: "Ada", lname: "Okafor", password, date_of_birth: "1990-05-17", ...more },
    });
    if (answer.status !== 201) throw new Error(`Registration answered ${answer.status}: ${answer.text}`);
    return { email, userId: answer.body.user.user_id as string, id: answer.body.user.id as number };
  };
  const logIn = async (email: string) => {
    const { status, body, text } = await send("POST", "/auth/login", { body: { email, password } });
    if (status !== 200) throw new Error(`Log-in answered ${status}: ${text}`);
    return { token: body.accessToken as string, refreshToken: body.refreshToken as string };
  };
  return {
    newestCode,
    register,
    logIn,
    /** Registered, confirmed and logged in. */
    createPerson: async (more: Record<string, unknown> = {}): Promise<Person> => {
      const registered = await register(more);
      const confirmation_code = await newestCode(registered.email);
      const confirmed = await send("POST", "/users/confirm", { body: { email: registered.email, confirmation_code } });
      if (confirmed.status !== 200) throw new Error(`Confirmation answered ${confirmed.status}: ${confirmed.text}`);
      return { ...registered, ...(await logIn(registered.email)) };
    },
    /** The access token of the first admin, by the one-time link; works once a test file. */
    logInAdmin: async (): Promise<string> => {
      const token = adminLink.split("#")[1];
      const { status, body, text } = await send("POST", "/auth/login-link", { body: { token } });
      if (status !== 200) throw new Error(`The admin's link answered ${status}: ${text}`);
      return body.accessToken;
    },
    /** An access token of a new service account with these permissions. */
    createServiceToken: async (operator: string, permissions: readonly string[]): Promise<string> => {
      const body = { name: "Test", permissions };
      const made = await send("POST", "/service-accounts", { token: operator, body });
      if (made.status !== 201) throw new Error(`The service account was answered ${made.status}: ${made.text}`);
      return (await getServiceToken(send, made.body)).body.access_token;
    },
    /** Lets the Veriff double do something to a session, as its page would. */
    playVeriff: async (sessionId: string, action: string, body: Record<string, unknown> = {}): Promise<Answer> =>
      sender(sandbox.veriff.url)("POST", `/sandbox/sessions/${sessionId}/${action}`, { body }),
    /** Lets the Bridge double do something to a customer, as its page would. */
    playBridge: async (customerId: string, action: string, body: Record<string, unknown> = {}): Promise<Answer> =>
      sender(sandbox.bridge.url)("POST", `/sandbox/customers/${customerId}/${action}`, { body }),
  };
}

/** Asks the token endpoint as a service account, with its secret in the form. */
export function getServiceToken(
  send: Send,
  account: { client_id: string; client_secret: string },
  more: Record<string, string> = {},
): Promise<Answer> {
  const { client_id, client_secret } = account;
  const form = new URLSearchParams({ grant_type: "client_credentials", client_id, client_secret, ...more });
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return send("POST", "/oidc/token", { raw: form.toString(), headers });
}

import { randomUUID } from "node:crypto";
import pg from "pg";
import type { Ground } from "../ground.ts";
import { issueAccessTokens } from "../open-tokens.ts";
import { sessionIdAt } from "../population/compose-sessions.ts";
import { copyRows } from "../population/copy-rows.ts";
import { type Figure, round } from "../report.ts";
import { startArguments, startProcess } from "../start-process.ts";
import { quantile } from "../statistics.ts";
import type { Parameters } from "./measure-gate.ts";

const pageSize = 1024;
const samplesPerPair = 20;

/**
 * L: the first and the last page of `GET /ekyc/admin`, full pages of 1,024 people, one request after the other. Whoever of
 * the population has no session gets one first, so that as many people have sessions as there are.
 */
export async function measureEkycList(ground: Ground, { pairs }: Parameters): Promise<Figure[]> {
  await giveEverybodyASession(ground.environment.DATABASE_OWNER_URL ?? "");
  const usher = await startProcess({ args: startArguments(), environment: ground.environment, readyPath: "/readyz" });
  try {
    const [token = ""] = await issueAccessTokens(ground.environment, ground.operatorIds.slice(0, 1));
    const pages = { first: 0, last: Math.max(0, ground.users - pageSize) };
    const samples: Record<keyof typeof pages, number[]> = { first: [], last: [] };
    for (let warm = 0; warm < 20; warm += 1)
      for (const start of Object.values(pages)) await ask(usher.url, token, start);
    let bytes = 0;
    for (let sample = 0; sample < pairs * samplesPerPair; sample += 1) {
      for (const page of ["first", "last"] as const) {
        const begun = performance.now();
        const answer = await ask(usher.url, token, pages[page]);
        samples[page].push(performance.now() - begun);
        bytes = answer.bytes;
        const expected = Math.min(pageSize, ground.users);
        if (answer.people !== expected)
          throw new Error(`The ${page} page has ${answer.people} people, not ${expected}.`);
      }
    }
    return (["first", "last"] as const).map((page) => ({
      name: "L",
      what: `GET /ekyc/admin, ${page} page of ${pageSize}, p95`,
      value: quantile(samples[page], 0.95),
      unit: "ms",
      bar: { atMost: 100 },
      note: `p50 ${round(quantile(samples[page], 0.5))} ms, ${Math.round(bytes / 1024)} KB, ${ground.users} people with sessions`,
      samples: samples[page],
    }));
  } finally {
    await usher.stop();
  }
}

/** @throws Error when the page is not answered with 200 */
async function ask(url: string, token: string, start: number): Promise<{ people: number; bytes: number }> {
  const answer = await fetch(`${url}/ekyc/admin?limit=${pageSize}&start=${start}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const text = await answer.text();
  if (answer.status !== 200)
    throw new Error(`GET /ekyc/admin was answered with ${answer.status}: ${text.slice(0, 300)}`);
  return { people: (JSON.parse(text) as unknown[]).length, bytes: text.length };
}

async function giveEverybodyASession(ownerUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ user_id: string; created_at: Date }>(
      "select user_id, created_at from users where user_id not in (select user_id from kyc_sessions)",
    );
    const sessions = rows.map(({ user_id, created_at }) => ({
      session_id: sessionIdAt(created_at),
      user_id,
      provider: "veriff",
      purpose: "required",
      state: "created",
      provider_session_id: randomUUID(),
      provider_status: "created",
      requested_by: `user ${user_id}`,
      original_request: JSON.stringify({ callback: "https://usher.example/ekyc/return", purpose: "required" }),
      is_first: true,
      created_at,
      updated_at: created_at,
    }));
    await copyRows(client, "kyc_sessions", sessions);
    await client.query("vacuum (analyze) kyc_sessions");
  } finally {
    await client.end();
  }
}

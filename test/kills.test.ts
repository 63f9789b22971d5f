import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { sql } from "kysely";
import type { Db } from "../src/foundation/database/index.ts";
import { assertInvariants } from "./invariants.ts";
import { canary, type Ledger, startLoad } from "./kill-load.ts";
import {
  clearHome,
  findServer,
  type Home,
  makeHome,
  readVeriffKeys,
  runAudit,
  startUsherProcess,
  type UsherProcess,
  until,
  withDatabase,
  within,
} from "./usher-process.ts";

/** 50 is the long run. */
const kills = Number(process.env.USHER_KILLS ?? 6);
const seed = Number(process.env.USHER_SEED ?? randomInt(2 ** 31));
const random = seededRandom(seed);

/** What is killed, in turn: mostly Usher alone, which leaves PostgreSQL running. */
const victims = ["usher", "usher", "postgres", "usher", "both", "usher"] as const;

let home: Home;
before(async () => {
  home = await makeHome();
});
after(() => clearHome(home));

/** Mulberry32 (Tommy Ettinger): 0 to 1, the same row for the same seed. */
function seededRandom(start: number): () => number {
  let state = start | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

test(`killed ${kills} times at random moments under load, Usher loses nothing that it acknowledged`, async (t) => {
  const ledger: Ledger = { members: new Map(), webhooks: new Set(), strange: [] };
  try {
    let running = await start();
    for (let round = 0; round < kills; round += 1) {
      await loadAndKill(running, ledger, victims[round % victims.length]);
      running = await start();
      await assertNothingLost(ledger);
      assert.doesNotMatch(running.output(), /"level":[56]0/, "the start logs no error");
    }
    if (kills >= 50) await assertEveryMailIsSent();
    running.child.kill("SIGTERM");
    assert.deepEqual(await within(30, "the stop", () => running.ended), { code: 0, signal: null }, running.output());
  } catch (error) {
    throw new Error(`With USHER_SEED=${seed}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
  const members = [...ledger.members.values()];
  const approved = members.filter((member) => member.approved);
  t.diagnostic(
    `seed ${seed}: ${kills} kills, ${members.length} registrations, ${approved.length} approvals, ${ledger.webhooks.size} webhooks acknowledged`,
  );
  assert.ok(members.length > kills && approved.length > 0, "there was hardly any load");
});

async function start(): Promise<UsherProcess> {
  const started = startUsherProcess(home, "node");
  await started.ready;
  return started;
}

async function loadAndKill(
  running: UsherProcess,
  ledger: Ledger,
  victim: (typeof victims)[number] | undefined,
): Promise<void> {
  const server = await findServer(home);
  assert.ok(server);
  const load = startLoad({ send: home.send, keys: await readVeriffKeys(home), ledger, random });
  await within(60, "the load", () => load.answers(15 + Math.floor(random() * 60)));
  // Not a wait for something: the moment of the kill is to fall anywhere between two answers.
  await pause(random() * 30);
  const stopped = load.stop();
  if (victim !== "usher") process.kill(server.pid, "SIGKILL");
  if (victim === "postgres")
    await until("Usher says that it cannot answer", async () => (await home.send("GET", "/readyz")).status === 503);
  running.killGroup("SIGKILL");
  await running.ended;
  await stopped;
}

async function assertNothingLost(ledger: Ledger): Promise<void> {
  await withDatabase(home, async (db) => {
    assert.deepEqual(await findLosses(db, ledger), []);
    await assertInvariants({ db, dataDir: home.dataDir, canaries: [canary] });
  });
  const audit = await runAudit(home);
  assert.equal(audit.code, 0, audit.output);
  assert.deepEqual(ledger.strange, []);
  const [member] = [...ledger.members.values()].filter(({ token }) => token).slice(-1);
  if (member)
    assert.equal((await home.send("GET", "/auth/me", { token: member.token as string })).body.userId, member.userId);
}

/** Whatever was acknowledged and is not there (I1). */
async function findLosses(db: Db, { members, webhooks }: Ledger): Promise<string[]> {
  const users = await sql<{
    email: string;
    user_id: string;
    id: number;
    status: string;
  }>`select email, user_id, id, status from users`.execute(db);
  const byEmail = new Map(users.rows.map((row) => [row.email, row]));
  const sessions = await sql<{ key: string }>`select provider_session_id as key from kyc_sessions`.execute(db);
  const deliveries = await sql<{
    key: string;
  }>`select encode(content_hash, 'hex') as key from webhook_deliveries where signature = 'valid'`.execute(db);
  const [known, delivered] = [sessions, deliveries].map(({ rows }) => new Set(rows.map(({ key }) => key))) as [
    Set<string>,
    Set<string>,
  ];
  const lost = [...members.values()].flatMap((member) => {
    const row = byEmail.get(member.email);
    if (row?.user_id !== member.userId || row.id !== member.id) return [`the registration of ${member.email}`];
    if (member.confirmed && row.status === "pending") return [`the confirmation of ${member.email}`];
    if (member.sessionId && !known.has(member.sessionId)) return [`the session of ${member.email}`];
    return member.approved && row.status !== "active" ? [`the approval of ${member.email}, who is ${row.status}`] : [];
  });
  return [...lost, ...[...webhooks].filter((hash) => !delivered.has(hash)).map((hash) => `the webhook ${hash}`)];
}

/** Jobs that a killed process had taken come back when their lease ends, which takes a minute or two. */
async function assertEveryMailIsSent(): Promise<void> {
  const queued = () => withDatabase(home, (db) => sql`select from messages where status = 'queued'`.execute(db));
  for (let minutes = 0; minutes < 5; minutes += 1) {
    if (await until("no mail waits", async () => (await queued()).rows.length === 0).catch(() => false)) return;
  }
  assert.equal((await queued()).rows.length, 0);
}

import assert from "node:assert/strict";
import { after, afterEach, before, type TestContext, test } from "node:test";
import pg from "pg";
import { findFreePort } from "./free-port.ts";
import { password } from "./harness.ts";
import { assertInvariants } from "./invariants.ts";
import {
  clearHome,
  findServer,
  type Home,
  makeHome,
  ownerUrlOf,
  quietHome,
  startUsherProcess,
  type UsherProcess,
  until,
  withDatabase,
  within,
} from "./usher-process.ts";

let home: Home;
before(async () => {
  home = await makeHome();
});
afterEach(() => quietHome(home));
after(() => clearHome(home));

const inOrder = { code: 0, signal: null };
/** Less than the time after which Usher gives up waiting for what runs. */
const endOf = (started: UsherProcess) => within(15, "the stop", () => started.ended);
const person = (name: string) => ({ email: `${name}@example.com`, fname: "Ada", lname: "Okafor", password });

/** Starts as a person would, and waits until it serves. */
async function npmStart(): Promise<UsherProcess> {
  const started = startUsherProcess(home, "npm start");
  await started.ready;
  return started;
}

/** Registers somebody and waits for the code that is mailed. */
async function register(name: string): Promise<{ email: string; confirmation_code: string }> {
  const { email } = person(name);
  const answer = await home.send("POST", "/users/register", { body: person(name) });
  assert.equal(answer.status, 201, answer.text);
  const confirmation_code = await until("the mail with the code", async () => {
    const { body } = await home.send("GET", `/sandbox/mailbox?to=${encodeURIComponent(email)}`);
    return body.messages[0]?.code as string | undefined;
  });
  return { email, confirmation_code };
}

/** Keeps every request that changes this user waiting, until it is let go. */
async function holdUser(t: TestContext, email: string): Promise<{ waits(): Promise<boolean>; letGo(): Promise<void> }> {
  const client = new pg.Client({ connectionString: await ownerUrlOf(home) });
  let ended: Promise<void> | undefined;
  const letGo = () => {
    ended ??= client.end();
    return ended;
  };
  t.after(letGo);
  await client.connect();
  await client.query("begin");
  const { rows } = await client.query("select from users where email = $1 for update", [email]);
  assert.equal(rows.length, 1);
  const waiting = "select from pg_locks where not granted";
  return { waits: async () => (await client.query(waiting)).rows.length > 0, letGo };
}

const newcomersAreRefused = () =>
  fetch(`${home.url}/livez`, { headers: { connection: "close" } }).then(
    () => false,
    () => true,
  );

const stops: Record<string, (started: UsherProcess) => void> = {
  "SIGTERM to npm": ({ child }) => child.kill("SIGTERM"),
  "Ctrl-C in the terminal": ({ killGroup }) => killGroup("SIGINT"),
};

for (const [index, [how, stop]] of Object.entries(stops).entries()) {
  test(`${how} ends npm start in order: what runs is answered, nothing new is taken, PostgreSQL stops, exit 0`, async (t) => {
    const started = await npmStart();
    const body = await register(`running${index}`);
    const hold = await holdUser(t, body.email);
    const running = home.send("POST", "/users/confirm", { body });
    await until("the request waits in the database", hold.waits);
    stop(started);
    await until("new connections are refused", newcomersAreRefused);
    await hold.letGo();
    assert.equal((await running).status, 200);
    assert.deepEqual(await endOf(started), inOrder, started.output());
    assert.equal(await findServer(home), undefined);
  });
}

test("a second start on the same data says so and ends with 1, and the first one serves on", async () => {
  await npmStart();
  const second = startUsherProcess(home, "npm start", { PORT: String(await findFreePort()) });
  assert.deepEqual(await endOf(second), { code: 1, signal: null });
  assert.match(second.output(), /Another Usher \(process \d+\) is already running on .*USHER_DATA_DIR/);
  assert.equal((await home.send("GET", "/readyz")).status, 200);
});

test("after SIGKILL the next start has everything: people, log-ins and an unbroken journal", async () => {
  const killed = await npmStart();
  const body = await register("survivor");
  assert.equal((await home.send("POST", "/users/confirm", { body })).status, 200);
  const loggedIn = await home.send("POST", "/auth/login", { body: { email: body.email, password } });
  const server = await findServer(home);
  killed.killGroup("SIGKILL");
  await killed.ended;
  const next = await npmStart();
  assert.deepEqual(await findServer(home), server, "the running PostgreSQL is taken over");
  const me = await home.send("GET", "/auth/me", { token: loggedIn.body.accessToken });
  assert.deepEqual([me.status, me.body?.email], [200, body.email]);
  await withDatabase(home, (db) => assertInvariants({ db, dataDir: home.dataDir }));
  next.child.kill("SIGTERM");
  assert.deepEqual(await endOf(next), inOrder, next.output());
});

test("when PostgreSQL is killed, Usher says so and still stops, and the next start has everything", async () => {
  const orphan = await npmStart();
  await register("outlived");
  const server = await findServer(home);
  assert.ok(server);
  process.kill(server.pid, "SIGKILL");
  await until("Usher says that it cannot answer", async () => (await home.send("GET", "/readyz")).status === 503);
  const refused = await home.send("POST", "/users/register", { body: person("refused") });
  assert.equal(`${refused.status} ${refused.body.errorCode}`, "503 unavailable");
  orphan.child.kill("SIGTERM");
  assert.deepEqual(await endOf(orphan), inOrder, orphan.output());
  await npmStart();
  const again = await home.send("POST", "/users/register", { body: person("outlived") });
  assert.equal(again.body.errorCode, "email-already-exists");
  await withDatabase(home, (db) => assertInvariants({ db, dataDir: home.dataDir }));
});

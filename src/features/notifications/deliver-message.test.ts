import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, beforeEach, test } from "node:test";
import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { addSeconds, createTestClock } from "../../foundation/clock/index.ts";
import { randomIds } from "../../foundation/ids/index.ts";
import { createJobs, installJobs, type Jobs } from "../../foundation/jobs/index.ts";
import { createLogger } from "../../foundation/logging/index.ts";
import { createPersonKeys, type PersonKeys } from "../personal-data/index.ts";
import { deliverMessage } from "./deliver-message.ts";
import { deliverMessageJob } from "./jobs.ts";
import { createMailChannel, type MailChannel } from "./mail-channel.ts";
import { startMailServer } from "./mail-server-for-tests.ts";
import { createMessages, forgetMessages, type Messages } from "./send-message.ts";

const clock = createTestClock(new Date("2026-03-01T12:00:00.000Z"));
let database: TestDatabase;
let server: Awaited<ReturnType<typeof startMailServer>>;
let mail: MailChannel;
let jobs: Jobs;
let messages: Messages;
let personKeys: PersonKeys;
let userId: string;

before(async () => {
  database = await createTestDatabase();
  const log = createLogger({ level: "silent" });
  await installJobs(database.ownerUrl, [deliverMessageJob], log);
  jobs = createJobs({ url: database.url, log });
  personKeys = createPersonKeys({ clock, ids: randomIds, wrappingKey: randomBytes(32) });
  server = await startMailServer((to) => {
    if (to.startsWith("gone")) return { code: 550, sentence: `5.1.1 <${to}> does not live here` };
    return to.startsWith("busy") ? { code: 451, sentence: `4.3.0 <${to}> try later` } : undefined;
  });
  mail = createMailChannel({ smtpUrl: server.smtpUrl, from: "hello@usher.example" });
  messages = createMessages({ clock, ids: randomIds, jobs, personKeys });
  jobs.handle(deliverMessageJob, deliverMessage({ db: database.db, clock, log, mail, sms: undefined, personKeys }));
  await jobs.start({ work: false });
});
beforeEach(async () => {
  userId = randomIds.uuid();
  await database.db.transaction().execute((trx) => personKeys.createKey(trx, userId));
});
after(async () => {
  mail.close();
  await jobs.stop(5);
  await server.stop();
  await database.drop();
});

const send = (to: string, expiresAt?: Date) =>
  database.db.transaction().execute((trx) =>
    messages.send(trx, {
      userId,
      template: "confirm-email",
      to,
      values: { code: "420042", expiresInMinutes: 10 },
      expiresAt,
    }),
  );
const readRow = () =>
  database.db.selectFrom("messages").selectAll().where("user_id", "=", userId).executeTakeFirstOrThrow();

test("a message is sealed while it waits, sent once, and wiped when it is sent", async () => {
  await send("ada@example.com");
  const waiting = await readRow();
  assert.equal(waiting.status, "queued");
  assert.equal(JSON.stringify(waiting).includes("ada@example.com"), false);
  const before = server.received.length;
  await jobs.drain();
  await jobs.drain();
  assert.equal(server.received.length, before + 1);
  assert.match(server.received.at(-1)?.mail.text ?? "", /\b420042\b/);
  const sent = await readRow();
  assert.deepEqual([sent.status, sent.content, sent.attempts, sent.sent_at], ["sent", null, 1, clock.now()]);
});

test("a message whose transaction is rolled back never leaves", async () => {
  const before = server.received.length;
  const failing = database.db.transaction().execute(async (trx) => {
    await messages.send(trx, { userId, template: "password-changed", to: "ada@example.com", values: {} });
    throw new Error("The deed failed.");
  });
  await assert.rejects(failing, /The deed failed/);
  await jobs.drain();
  assert.equal(server.received.length, before);
});

test("job payloads carry ids only", async () => {
  await send("canary@example.com");
  const { db } = database;
  const dump = JSON.stringify(
    await db
      .selectFrom("pgboss.job" as never)
      .selectAll()
      .execute(),
  );
  assert.ok(dump.includes("messageId"));
  assert.equal(/canary|420042/.test(dump), false);
  await jobs.drain();
});

test("an expired message is not sent", async () => {
  const before = server.received.length;
  await send("ada@example.com", addSeconds(clock.now(), 600));
  clock.advanceSeconds(600);
  await jobs.drain();
  assert.equal(server.received.length, before);
  const { status, content } = await readRow();
  assert.deepEqual([status, content], ["expired", null]);
});

test("a refusal for good ends the message without a retry", async () => {
  await send("gone@example.com");
  await jobs.drain();
  const { status, content, failure, attempts } = await readRow();
  assert.deepEqual([status, content, failure, attempts], ["failed", null, "550 5.1.1", 1]);
});

test("a refusal that may pass keeps the message and brings the job back, and nothing of it quotes the address", async () => {
  await send("busy@example.com");
  const { message_id: messageId } = await readRow();
  await jobs.drain();
  const { status, content, failure } = await readRow();
  assert.deepEqual([status, content === null, failure], ["queued", false, "451 4.3.0"]);
  const { db } = database;
  const all = (await db
    .selectFrom("pgboss.job" as never)
    .selectAll()
    .execute()) as { state: string; data: { messageId?: string } }[];
  assert.deepEqual(
    all.filter(({ data }) => data.messageId === messageId).map(({ state }) => state),
    ["retry"],
  );
  assert.equal(JSON.stringify(all).includes("busy@"), false);
  const handler = deliverMessage({
    db,
    clock,
    log: createLogger({ level: "silent" }),
    mail,
    sms: undefined,
    personKeys,
  });
  await assert.rejects(handler({ messageId }, { jobId: "last", attempt: 11, lastAttempt: true }), /451 4.3.0/);
  assert.equal((await readRow()).status, "failed");
});

test("an erased person gets no message any more, whichever comes first", async () => {
  const before = server.received.length;
  await send("ada@example.com");
  await database.db.transaction().execute((trx) => personKeys.destroyKeys(trx, userId));
  await jobs.drain();
  assert.deepEqual([(await readRow()).status, (await readRow()).failure], ["failed", "erased"]);
  userId = randomIds.uuid();
  await database.db.transaction().execute((trx) => personKeys.createKey(trx, userId));
  await send("ada@example.com");
  await database.db.transaction().execute((trx) => forgetMessages(trx, userId));
  assert.equal((await readRow()).content, null);
  await jobs.drain();
  assert.equal(server.received.length, before);
});

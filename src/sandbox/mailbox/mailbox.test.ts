import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import nodemailer from "nodemailer";
import { temporaryFolder } from "../testing/veriff-bench.ts";
import { startMailbox } from "./start-mailbox.ts";

async function openMailbox(t: TestContext, stateFile?: string) {
  const mailbox = await startMailbox({ stateFile });
  // The server greets each connection after 100 ms (it waits for senders that talk first), so one is kept open.
  const transport = nodemailer.createTransport({
    url: mailbox.smtpUrl,
    pool: true,
    maxConnections: 1,
    maxMessages: 1e6,
  });
  const send = (to: string | string[], subject: string, text: string, html?: string) =>
    transport.sendMail({ from: "Usher <usher@example.com>", to, subject, text, html });
  async function close() {
    transport.close();
    await mailbox.close();
  }
  t.after(close);
  return { ...mailbox, send, close };
}

test("a message sent over SMTP is listed with its texts and its code, newest first", async (t) => {
  const mailbox = await openMailbox(t);
  await mailbox.send("ada@example.com", "Bestätige ✓", "Ihr Code: 042917, nicht 1234567.", "<p>042917</p>");
  await mailbox.send("ada@example.com", "Second", "No code here.");
  const [second, first] = mailbox.list({});
  assert.deepEqual(
    [first?.to, first?.from, first?.subject, first?.code],
    ["ada@example.com", "usher@example.com", "Bestätige ✓", "042917"],
  );
  assert.match(first?.text ?? "", /Ihr Code: 042917/);
  assert.match(first?.html ?? "", /<p>042917<\/p>/);
  assert.deepEqual([second?.subject, second?.code, second?.html], ["Second", undefined, undefined]);
  assert.deepEqual(mailbox.find(first?.id ?? ""), first);
});

test("the filter takes whole addresses in any case, each recipient counting", async (t) => {
  const mailbox = await openMailbox(t);
  await mailbox.send(["Ada@Example.com", "bola@example.com"], "Both", "x");
  await mailbox.send("xada@example.com", "Other", "x");
  const subjects = (to: string) => mailbox.list({ to }).map(({ subject }) => subject);
  assert.deepEqual(subjects("ada@example.com"), ["Both"]);
  assert.deepEqual(subjects("BOLA@example.com"), ["Both"]);
  assert.deepEqual(subjects("example.com"), []);
  assert.equal(mailbox.list({ limit: 1 }).length, 1);
});

test("more than 1 MB is refused for good, announced or not, and the mailbox goes on", async (t) => {
  const mailbox = await openMailbox(t);
  await assert.rejects(mailbox.send("ada@example.com", "Big", "x".repeat(1_100_000)), { responseCode: 552 });
  await mailbox.send("ada@example.com", "Small", "x");
  assert.deepEqual(
    mailbox.list({}).map(({ subject }) => subject),
    ["Small"],
  );
});

test("the newest 500 are kept, in memory and across a restart", async (t) => {
  const stateFile = join(await temporaryFolder(t), "mailbox.jsonl");
  const mailbox = await openMailbox(t, stateFile);
  for (let count = 1; count <= 503; count++) await mailbox.send("ada@example.com", `Message ${count}`, "x");
  const listed = mailbox.list({});
  assert.deepEqual([listed.length, listed[0]?.subject, listed.at(-1)?.subject], [500, "Message 503", "Message 4"]);
  await mailbox.close();
  const restarted = await openMailbox(t, stateFile);
  const ids = (messages: { id: string }[]) => messages.map(({ id }) => id).join();
  assert.equal(ids(restarted.list({})), ids(listed));
  assert.deepEqual(restarted.list({ limit: 1 }), listed.slice(0, 1));
});

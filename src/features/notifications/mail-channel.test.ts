import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createMailChannel, type MailChannel } from "./mail-channel.ts";
import { startMailServer } from "./mail-server-for-tests.ts";

let server: Awaited<ReturnType<typeof startMailServer>>;
let channel: MailChannel;
before(async () => {
  server = await startMailServer((to) => {
    if (to.startsWith("gone")) return { code: 550, sentence: `5.1.1 <${to}> does not live here` };
    return to.startsWith("busy") ? { code: 451, sentence: `4.3.0 <${to}> try later` } : undefined;
  });
  channel = createMailChannel({ smtpUrl: server.smtpUrl, from: "Usher <hello@usher.example>" });
});
after(async () => {
  channel.close();
  await server.stop();
});

const mail = {
  id: "018f3f6e-0000-7000-8000-000000000001",
  subject: "Your code",
  text: "Hello,\n\n    123456\n",
  html: "<p>123456</p>",
};

test("a mail arrives with text, page and a Message-ID made of its id", async () => {
  assert.deepEqual(await channel.send({ ...mail, to: "ada@example.com" }), { outcome: "sent" });
  const { from, to, mail: read } = server.received.at(-1) ?? assert.fail();
  assert.equal(from, "hello@usher.example");
  assert.deepEqual(to, ["ada@example.com"]);
  assert.equal(read.messageId, `<${mail.id}@usher.example>`);
  assert.equal(read.subject, "Your code");
  assert.match(read.text ?? "", /123456/);
  assert.match(read.html ?? "", /<p>123456<\/p>/);
  assert.ok(read.headers.some(({ key, value }) => key === "auto-submitted" && value === "auto-generated"));
});

test("a repeat carries the same Message-ID, so that it is recognisable", async () => {
  await channel.send({ ...mail, to: "ada@example.com" });
  await channel.send({ ...mail, to: "ada@example.com" });
  const [first, second] = server.received.slice(-2);
  assert.equal(first?.mail.messageId, second?.mail.messageId);
});

test("what the server refuses for good is refused, what may pass is for later; neither repeats the address", async () => {
  assert.deepEqual(await channel.send({ ...mail, to: "gone@example.com" }), {
    outcome: "refused",
    failure: "550 5.1.1",
  });
  assert.deepEqual(await channel.send({ ...mail, to: "busy@example.com" }), {
    outcome: "not-now",
    failure: "451 4.3.0",
  });
});

test("a recipient cannot bring further recipients or headers along", async () => {
  const before = server.received.length;
  const bad = [
    "a@example.com, b@example.com",
    "a@example.com\r\nBcc: b@example.com",
    "Ada <a@example.com>",
    "a@example.com;b@example.com",
    "",
  ];
  for (const to of bad)
    assert.deepEqual(await channel.send({ ...mail, to }), { outcome: "refused", failure: "EENVELOPE" });
  await channel.send({ ...mail, to: "ada@example.com", subject: "One\r\nBcc: b@example.com" });
  assert.equal(server.received.length, before + 1);
  assert.deepEqual(server.received.at(-1)?.to, ["ada@example.com"]);
  assert.equal(server.received.at(-1)?.mail.bcc, undefined);
});

test("a server that is away is for later, and verify says what to check", async () => {
  const away = createMailChannel({ smtpUrl: "smtp://127.0.0.1:1", from: "hello@usher.example" });
  const { outcome } = await away.send({ ...mail, to: "ada@example.com" });
  assert.equal(outcome, "not-now");
  await assert.rejects(away.verify(), /check SMTP_URL/);
  away.close();
  await channel.verify();
});

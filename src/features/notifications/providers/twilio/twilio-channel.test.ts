import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { after, before, test } from "node:test";
import { addSeconds, createTestClock } from "../../../../foundation/clock/index.ts";
import { createCallOutside } from "../../../../foundation/outbound/index.ts";
import { type CaughtText, startTwilioDouble, type TwilioDouble } from "../../../../sandbox/twilio/index.ts";
import { createTwilioChannel, type TwilioAccount } from "./twilio-channel.ts";

const clock = createTestClock(new Date("2026-03-01T12:00:00.000Z"));
const deps = { clock, callOutside: createCallOutside() };
const caught: CaughtText[] = [];
let double: TwilioDouble;
let account: TwilioAccount;

before(async () => {
  double = await startTwilioDouble({ host: "127.0.0.1", deliver: (text) => caught.push(text), clock });
  account = { baseUrl: double.url, accountSid: double.accountSid, authToken: double.authToken, from: double.from };
});
after(() => double.close());

const send = (to: string, more: Partial<TwilioAccount> = {}) =>
  createTwilioChannel(deps, { ...account, ...more }).send({ to, text: "420042 is your code", expiresAt: null });

test("a text message goes out over Twilio's own protocol", async () => {
  assert.deepEqual(await send("+2348031234567"), { outcome: "sent" });
  assert.deepEqual(caught.at(-1), { from: double.from, to: "+2348031234567", text: "420042 is your code" });
});

test("a number that cannot get it ends the message; what is ours to mend leaves it for later", async () => {
  const refused = (code: number) => ({ outcome: "refused", failure: `twilio ${code}` });
  const later = (code: number) => ({ outcome: "not-now", failure: `twilio ${code}` });
  assert.deepEqual(await send("+15005550001"), refused(21211));
  assert.deepEqual(await send("+15005550002"), refused(21612));
  assert.deepEqual(await send("+15005550003"), refused(21408));
  assert.deepEqual(await send("+15005550004"), refused(21610));
  assert.deepEqual(await send("+15005550009"), refused(21614));
  assert.deepEqual(await send("12345"), refused(21211));
  assert.deepEqual(await send("+2348031234567", { authToken: "wrong" }), later(20003));
  assert.deepEqual(await send("+2348031234567", { accountSid: `AC${"0".repeat(32)}` }), later(20003));
  assert.deepEqual(await send("+2348031234567", { from: "+15005550007" }), later(21606));
});

/** A server of another mind, for one test. */
async function against(
  answer: (request: IncomingMessage, response: ServerResponse, body: string) => void,
  use: (baseUrl: string) => Promise<void>,
): Promise<void> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => answer(request, response, Buffer.concat(chunks).toString()));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await use(`http://127.0.0.1:${port}`).finally(() => {
    server.closeAllConnections();
    server.close();
  });
}

test("the request is a form with basic authentication, and says until when the message makes sense", async () => {
  const seen: { url?: string; authorization?: string; type?: string; body: string }[] = [];
  await against(
    ({ url, headers }, response, body) => {
      seen.push({ url, authorization: headers.authorization, type: headers["content-type"], body });
      response.writeHead(201, { "content-type": "application/json" }).end("{}");
    },
    async (baseUrl) => {
      const service = `MG${"a".repeat(32)}`;
      const own = { baseUrl, accountSid: "AC1", authToken: "s3cret" };
      const expiresAt = addSeconds(clock.now(), 600);
      await createTwilioChannel(deps, { ...own, from: "Usher" }).send({
        to: "+2348031234567",
        text: "ä & b",
        expiresAt,
      });
      await createTwilioChannel(deps, { ...own, from: service }).send({ to: "+1", text: "x", expiresAt: null });
      assert.equal(seen[0]?.url, "/2010-04-01/Accounts/AC1/Messages.json");
      assert.equal(seen[0]?.authorization, `Basic ${Buffer.from("AC1:s3cret").toString("base64")}`);
      assert.equal(seen[0]?.type, "application/x-www-form-urlencoded");
      assert.deepEqual(Object.fromEntries(new URLSearchParams(seen[0]?.body)), {
        To: "+2348031234567",
        From: "Usher",
        Body: "ä & b",
        ValidityPeriod: "600",
      });
      assert.equal(new URLSearchParams(seen[1]?.body).get("MessagingServiceSid"), service);
    },
  );
});

test("whatever else comes back leaves the message for later and is told without a word of it", async () => {
  const misbehaviours: Record<string, [(response: ServerResponse) => void, string]> = {
    "a failure with text": [(response) => response.writeHead(500).end("+2348031234567 exploded"), "twilio 500"],
    "too many": [(response) => response.writeHead(429).end(JSON.stringify({ code: 20429 })), "twilio 20429"],
    "a redirect": [
      (response) => response.writeHead(302, { location: "http://127.0.0.1:1" }).end(),
      "twilio redirected",
    ],
    "no answer": [(response) => response.destroy(), "twilio UND_ERR_SOCKET"],
    "an endless answer": [(response) => response.writeHead(201).end("x".repeat(200_000)), "twilio too-large"],
    "200 in place of 201": [(response) => response.writeHead(200).end("[]"), "twilio 200"],
    "a code that is no number": [(response) => response.writeHead(400).end('{"code":"21211"}'), "twilio 400"],
  };
  for (const [what, [misbehave, failure]] of Object.entries(misbehaviours)) {
    await against(
      (_request, response) => misbehave(response),
      async (baseUrl) => {
        assert.deepEqual(await send("+2348031234567", { baseUrl }), { outcome: "not-now", failure }, what);
      },
    );
  }
  const nobody = await send("+2348031234567", { baseUrl: "http://127.0.0.1:1" });
  assert.deepEqual(nobody, { outcome: "not-now", failure: "twilio ECONNREFUSED" });
});

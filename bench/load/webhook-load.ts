/** The process that delivers webhooks: told what to do in one message, it answers with what it saw and ends. */
import { createHmac } from "node:crypto";
import autocannon from "autocannon";
import type { Verifying } from "../population/write-verifying.ts";
import type { WebhookLoad } from "./load-webhooks.ts";

process.once("message", (load: WebhookLoad) => void run(load));

async function run({ url, connections, people, sharedSecret }: WebhookLoad): Promise<void> {
  const each = Math.floor(people.length / connections);
  let next = 0;
  const takeRequests = () => {
    const own = people.slice(next, next + each);
    next += each;
    return own.flatMap((person) => bodiesOf(person).map((body) => sign(sharedSecret, body)));
  };
  const begun = performance.now();
  const running = autocannon({
    url,
    connections,
    amount: each * connections * webhooksEach,
    setupClient: (client) => client.setRequests(takeRequests()),
  });
  // Its own duration ends with the whole second after the last answer.
  let ended = begun;
  running.on("response", () => {
    ended = performance.now();
  });
  const result = await running;
  process.send?.({
    perSecond: result["2xx"] / ((ended - begun) / 1000),
    failed: result.non2xx + result.errors + result.timeouts,
    p50: result.latency.p50,
    p99: result.latency.p99,
  });
  process.disconnect();
}

const webhooksEach = 3;

/** As in test/fixtures/veriff: begun, handed in, approved. */
function bodiesOf({ userId, providerSessionId }: Verifying): string[] {
  const event = {
    id: providerSessionId,
    attemptId: providerSessionId,
    feature: "selfid",
    vendorData: userId,
    endUserId: null,
  };
  const decision = {
    status: "success",
    verification: {
      id: providerSessionId,
      attemptId: providerSessionId,
      code: 9001,
      status: "approved",
      reason: null,
      reasonCode: null,
      vendorData: userId,
      endUserId: null,
      person: { firstName: "ADAEZE", lastName: "OKAFOR", dateOfBirth: "1990-04-17", nationality: "NG", gender: null },
      document: { type: "PASSPORT", country: "NG", number: "A01234567", validUntil: "2031-04-17", validFrom: null },
      decisionTime: new Date().toISOString(),
    },
    technicalData: { ip: "203.0.113.7" },
  };
  return [
    JSON.stringify({ ...event, code: 7001, action: "started" }),
    JSON.stringify({ ...event, code: 7002, action: "submitted" }),
    JSON.stringify(decision),
  ];
}

function sign(sharedSecret: string, body: string) {
  const signature = createHmac("sha256", sharedSecret).update(body).digest("hex");
  const headers = { "content-type": "application/json", "x-hmac-signature": signature };
  return { method: "POST", path: "/users/webhook-kyc", headers, body };
}

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type MailTemplateName, renderMessage } from "../notifications/templates.ts";
import { decisionBody, eventBody, type KycUnderTest, setUpKyc, signed } from "./kyc-for-tests.ts";
import { explainVeriffDecision } from "./providers/veriff/explain-decision.ts";
import { createReceiveWebhook } from "./receive-webhook.ts";
import { verdictReport } from "./second-provider-for-tests.ts";

let room: KycUnderTest;
before(async () => {
  room = await setUpKyc();
});
after(() => room.database.drop());

async function begin(more: Parameters<KycUnderTest["openSession"]>[1] = {}, email?: string | null) {
  const user = await room.addUser(email === undefined ? {} : { email });
  const session = await room.openSession(user, more);
  const told = async () => {
    // Each a moment later, so that the messages are read in the order in which they were written.
    room.clock.advanceSeconds(1);
    return room.messagesTo(user.user_id);
  };
  return { user, session, told };
}

const names = (messages: { template: string }[]) => messages.map(({ template }) => template);

test("approved, then declined: the person is told of both, in plain words and once, whatever is repeated", async () => {
  const { session, told } = await begin();
  const bodies = [
    eventBody(session, "started"),
    eventBody(session, "submitted"),
    decisionBody(session, "review", 1),
    decisionBody(session, "approved", 2),
    decisionBody(session, "declined", 3),
  ];
  for (const body of [...bodies, ...bodies]) {
    await room.deliver(body);
    room.clock.advanceSeconds(1);
  }
  assert.deepEqual(await told(), [
    { template: "kyc-approved", values: { purpose: "required" } },
    {
      template: "kyc-rejected",
      values: { purpose: "required", reason: "The document could not be accepted as genuine." },
    },
  ]);
});

test("a decision that comes late or is weaker tells nobody anything", async () => {
  const { session, told } = await begin();
  await room.deliver(decisionBody(session, "declined", 9));
  await room.deliver(decisionBody(session, "approved", 1));
  await room.deliver(decisionBody(session, "resubmission_requested", 2));
  assert.deepEqual(names(await told()), ["kyc-rejected"]);
});

test("each new request to hand in again is told once, with what to do", async () => {
  const { session, told } = await begin();
  const ask = (n: number, attemptId: string, reasonCode: number) =>
    room.deliver(decisionBody(session, "resubmission_requested", n, { attemptId, reasonCode }));
  await ask(1, "A", 204);
  await ask(1, "A", 204);
  await room.deliver(eventBody(session, "submitted", "B"));
  await ask(2, "B", 207);
  const messages = await told();
  assert.deepEqual(
    messages.map(({ template, values }) => [template, (values as { todo: string }).todo.split(".")[0]]),
    [
      ["kyc-resubmit", "The photos were not sharp enough"],
      ["kyc-resubmit", "The document has expired"],
    ],
  );
});

test("a request that the person has answered already is not told any more", async () => {
  const { session, told } = await begin();
  await room.deliver(eventBody(session, "submitted", "B"));
  await room.deliver(decisionBody(session, "resubmission_requested", 1, { attemptId: "A" }));
  assert.deepEqual(names(await told()), []);
});

test("nine requests, and the tenth attempt declined by 539: ten messages, the last one a refusal", async () => {
  const { user, session, told } = await begin();
  for (let n = 1; n <= 9; n += 1) {
    await room.deliver(decisionBody(session, "resubmission_requested", n, { attemptId: `a${n}`, reasonCode: 201 }));
    room.clock.advanceSeconds(1);
  }
  await room.deliver(decisionBody(session, "declined", 10, { attemptId: "a10", reasonCode: 539 }));
  assert.deepEqual(names(await told()), [...Array(9).fill("kyc-resubmit"), "kyc-rejected"]);
  assert.equal((await room.getUser(user.user_id)).status, "rejected");
});

test("a block is told with the reason that the provider wrote for the person, and its end as well", async () => {
  const { session, told } = await begin({ provider: "bridge" });
  const say = (verdict: "approved" | "paused", n: number) => {
    room.clock.advanceSeconds(1);
    return room.deliverSecond({ session: session.provider_session_id, report: verdictReport(verdict, n) });
  };
  await say("approved", 1);
  await say("paused", 2);
  await say("approved", 3);
  assert.deepEqual(await told(), [
    { template: "kyc-approved", values: { purpose: "required" } },
    { template: "kyc-blocked", values: { reason: "Reason of paused 2" } },
    { template: "kyc-approved", values: { purpose: "required" } },
  ]);
});

test("a verdict that moves nothing tells nobody: the person is inactive, or has no e-mail address", async () => {
  const { user, session, told } = await begin();
  await room.kyc.db.updateTable("users").set({ status: "inactive" }).where("user_id", "=", user.user_id).execute();
  await room.deliver(decisionBody(session, "approved", 1));
  assert.deepEqual(names(await told()), []);
  const wallet = await begin({}, null);
  await room.deliver(decisionBody(wallet.session, "approved", 1));
  assert.deepEqual(names(await wallet.told()), []);
  assert.equal((await room.getUser(wallet.user.user_id)).status, "active");
});

test("an optional verification is told as such", async () => {
  const { user, session, told } = await begin({ purpose: "optional" });
  await room.kyc.db.updateTable("users").set({ status: "active" }).where("user_id", "=", user.user_id).execute();
  await room.deliver(decisionBody(session, "approved", 1));
  assert.deepEqual(await told(), [{ template: "kyc-approved", values: { purpose: "optional" } }]);
});

test("the message fails with the deed that it belongs to", async () => {
  const { session, told } = await begin();
  const failing = {
    ...room.kyc,
    messages: { ...room.kyc.messages, sendAll: () => Promise.reject(new Error("no message")) },
  };
  const receive = createReceiveWebhook(failing);
  const delivery = signed(decisionBody(session, "approved", 1));
  await assert.rejects(receive({ provider: room.kyc.providers.veriff, ...delivery, requestId: "r" }));
  assert.deepEqual(names(await told()), []);
  await room.deliver(decisionBody(session, "approved", 1));
  assert.deepEqual(names(await told()), ["kyc-approved"]);
});

test("suspicions are not told: codes of fraud, lists and codes that nobody knows get the same neutral sentence", () => {
  const suspicions = ["105", "106", "107", "108", "111", "113", "126", "127", "999", "toString", null];
  const sentences = suspicions.map((reasonCode) => explainVeriffDecision({ reasonCode, verdict: "declined" }));
  assert.equal(new Set(sentences).size, 1);
  assert.notEqual(explainVeriffDecision({ reasonCode: "999", verdict: "resubmission-requested" }), sentences[0]);
});

test("every message reads well with and without a reason", () => {
  const filled: [MailTemplateName, object][] = [
    ["kyc-approved", { purpose: "required" }],
    ["kyc-rejected", { purpose: "optional", reason: null }],
    ["kyc-rejected", { purpose: "required", reason: "The <document> is damaged." }],
    ["kyc-blocked", { reason: null }],
    ["kyc-resubmit", { todo: "Please use another one." }],
  ];
  for (const [template, values] of filled) {
    const { subject, text, html } = renderMessage(template, values as never);
    assert.ok(subject.length > 10 && text.startsWith("Hello,"));
    assert.doesNotMatch(text, /null|undefined| {2}/);
    assert.doesNotMatch(html, /<document>/);
  }
});

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Observation } from "./derive-session.ts";
import type { SessionReport, WebhookContent } from "./port.ts";
import { readAnswer } from "./read-answer.ts";
import type { SessionRow } from "./tables.ts";

const now = new Date("2026-03-10T12:00:00.000Z");
const opened = new Date("2026-03-02T12:00:00.000Z");
const week = { sessionLivesSeconds: 7 * 24 * 3600 };

const session = (state: SessionRow["state"]) => ({ provider_session_id: "s", state, created_at: opened });

const report = (more: Partial<SessionReport>): SessionReport => ({
  kind: "decision",
  attemptId: null,
  verdict: "approved",
  providerStatus: "active",
  reason: null,
  reasonCode: null,
  decisionTime: "2026-03-03T10:00:00.000Z",
  ...more,
});
const heard = (more: Partial<SessionReport>, observedAt = opened): Observation => ({ ...report(more), observedAt });
const content = (more: Partial<SessionReport>): WebhookContent => ({
  kind: "report",
  subject: { providerSessionId: "s", hint: null },
  remarks: [],
  report: report(more),
});
const read = (
  observations: Observation[],
  answer: WebhookContent | undefined,
  state: SessionRow["state"] = "success",
) => readAnswer({ session: session(state), observations }, answer, { provider: week, now });
const timeOf = (answer: ReturnType<typeof readAnswer>) =>
  answer.kind === "report" ? answer.content.report.decisionTime : answer.kind;

test("what stands, said again with the same or an older time, is nothing new; with a newer one it is taken in", () => {
  const known = [heard({})];
  assert.equal(read(known, content({})).kind, "nothing-new");
  assert.equal(read(known, content({ decisionTime: "2026-03-03T09:59:59.999999Z" })).kind, "nothing-new");
  assert.equal(read(known, content({ decisionTime: null })).kind, "nothing-new");
  assert.equal(read(known, content({ decisionTime: "2026-03-03T10:00:00.000001Z" })).kind, "report");
});

test("what was observed before is nothing new, though something else stands by now", () => {
  const known = [heard({}), heard({ verdict: "declined", decisionTime: "2026-03-04T10:00:00.000Z" })];
  assert.equal(read(known, content({}), "rejected").kind, "nothing-new");
  assert.equal(read(known, content({ reasonCode: "102" }), "rejected").kind, "report");
});

test("another word without a time is the provider's word of this moment, so that it heals", () => {
  assert.equal(timeOf(read([heard({})], content({ verdict: "paused", decisionTime: null }))), now.toISOString());
});

test("another word keeps its own time, older ones too: the rules decide", () => {
  const older = "2026-03-02T00:00:00.000Z";
  assert.equal(timeOf(read([heard({})], content({ verdict: "declined", decisionTime: older }))), older);
});

test("an open session dies of age only: its own before anybody was at work, then from what we heard last", () => {
  const submitted = (day: string) => heard({ kind: "submitted", verdict: null }, new Date(`2026-03-${day}T12:00:00Z`));
  assert.equal(read([], undefined, "created").kind, "report");
  assert.equal(read([heard({ kind: "started", verdict: null }, now)], undefined, "started").kind, "report");
  assert.equal(read([submitted("04")], undefined, "submitted").kind, "nothing-new");
  assert.equal(read([submitted("03")], undefined, "submitted").kind, "report");
  for (const state of ["success", "rejected", "expired"] as const)
    assert.equal(read([], undefined, state).kind, "nothing-new");
  const forGood = { provider: { sessionLivesSeconds: Number.POSITIVE_INFINITY }, now };
  assert.equal(readAnswer({ session: session("created"), observations: [] }, undefined, forGood).kind, "nothing-new");
});

test("our own expiry bears the time of the newest decision, or none, so that every real decision wins over it", () => {
  assert.equal(timeOf(read([], undefined, "created")), null);
  const asked = heard({ verdict: "resubmission-requested", decisionTime: "2026-03-02T13:00:00.000Z" });
  assert.equal(timeOf(read([asked], undefined, "started")), "2026-03-02T13:00:00.000Z");
});

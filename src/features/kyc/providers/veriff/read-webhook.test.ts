import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { readVeriffWebhook } from "./read-webhook.ts";

const fixture = (name: string) => readFileSync(new URL(`../../../../../test/fixtures/veriff/${name}`, import.meta.url));
const read = (value: unknown) => readVeriffWebhook(Buffer.from(JSON.stringify(value)));

function change(
  name: string,
  edit: (root: { verification: Record<string, unknown> } & Record<string, unknown>) => void,
) {
  const root = JSON.parse(fixture(name).toString());
  edit(root);
  return read(root);
}

const approved = "decision-approved-after-resubmission.constructed.json";

const samples: Record<string, { verdict: string | null; kind: string; reasonCode?: string | null; subject?: string }> =
  {
    "event-started.constructed.json": { kind: "started", verdict: null },
    "event-submitted.docs.json": { kind: "submitted", verdict: null, subject: "f04bdb47-d3be-4b28-b028-a652feb060b5" },
    [approved]: { kind: "decision", verdict: "approved" },
    "decision-approved.repo.json": {
      kind: "decision",
      verdict: "approved",
      subject: "12df6045-3846-3e45-946a-14fa6136d78b",
    },
    "decision-declined.constructed.json": { kind: "decision", verdict: "declined", reasonCode: "102" },
    "decision-resubmission.constructed.json": {
      kind: "decision",
      verdict: "resubmission-requested",
      reasonCode: "203",
    },
    "decision-review.constructed.json": { kind: "decision", verdict: "in-review" },
    "decision-expired.constructed.json": { kind: "decision", verdict: "expired" },
    "decision-abandoned.constructed.json": { kind: "decision", verdict: "abandoned" },
  };

for (const [name, expected] of Object.entries(samples)) {
  test(`${name} is read in our words, with nothing to remark`, () => {
    const content = readVeriffWebhook(fixture(name));
    assert.ok(content.kind === "report");
    assert.equal(content.subject.providerSessionId, expected.subject ?? "8d7b6a52-1c0e-4f5e-9c64-2f3b2a1d9e10");
    assert.deepEqual(
      [content.report.kind, content.report.verdict, content.report.reasonCode],
      [expected.kind, expected.verdict, expected.reasonCode ?? null],
    );
    assert.deepEqual(content.remarks, []);
  });
}

test("an approval counts only where the top-level status is success", () => {
  for (const status of ["fail", "Success", "", null, true, undefined]) {
    const content = change(approved, (root) => {
      root.status = status;
    });
    assert.equal(content.kind, "contradictory", String(status));
    assert.equal(content.subject.providerSessionId, "8d7b6a52-1c0e-4f5e-9c64-2f3b2a1d9e10");
  }
});

test("a refusal is a refusal, whether the top-level status is success or fail", () => {
  for (const status of ["success", "fail"]) {
    const content = change("decision-declined.constructed.json", (root) => {
      root.status = status;
    });
    assert.ok(content.kind === "report");
    assert.equal(content.report.verdict, "declined");
  }
});

test("the status decides, not the code; a code that does not fit is remarked", () => {
  const content = change("decision-declined.constructed.json", (root) => {
    root.verification.code = 9001;
  });
  assert.ok(content.kind === "report");
  assert.deepEqual([content.report.verdict, content.remarks.length], ["declined", 1]);
  for (const code of [9104, "9104"]) {
    const fitting = change("decision-abandoned.constructed.json", (root) => {
      root.verification.code = code;
    });
    assert.ok(fitting.kind === "report");
    assert.deepEqual(fitting.remarks, []);
  }
});

test("the short form of the PCX document is read: no code, an e-mail address as vendorData", () => {
  const content = read({
    status: "success",
    verification: {
      vendorData: "ada@example.com",
      id: "s-1",
      status: "approved",
      decisionTime: "2026-03-02T10:20:31.512345Z",
    },
  });
  assert.ok(content.kind === "report");
  assert.deepEqual(
    [content.subject.hint, content.report.decisionTime, content.remarks],
    ["ada@example.com", "2026-03-02T10:20:31.512345Z", []],
  );
});

test("statuses, actions and shapes never seen before are kept as unknown, with their session where they name one", () => {
  const unknown: [unknown, string | null][] = [
    [{ status: "success", verification: { id: "s-1", status: "APPROVED" } }, "s-1"],
    [{ status: "success", verification: { id: "s-1", status: "approved " } }, "s-1"],
    [{ status: "success", verification: { id: "s-1", status: "toString" } }, "s-1"],
    [{ status: "success", verification: { id: "s-1", status: ["approved"] } }, "s-1"],
    [{ status: "success", verification: { id: "s-1" } }, "s-1"],
    [{ status: "success", verification: { status: "approved" } }, null],
    [{ status: "success", verification: { id: 5, status: "approved" } }, null],
    [{ status: "success", verification: null }, null],
    [{ status: "success", verification: [] }, null],
    [{ id: "s-1", action: "finished", code: 7003 }, "s-1"],
    [{ action: "started" }, null],
    [{ eventType: "fullauto", sessionId: "s-1", data: { verification: { decision: "maybe" } } }, "s-1"],
    [{ eventType: "fullauto", sessionId: "s-1", data: { verification: { decision: { value: 1 } } } }, "s-1"],
    [{ eventType: "fullauto", sessionId: "s-1", data: null }, "s-1"],
    [{ eventType: "watchlist", sessionId: "s-1" }, "s-1"],
    [{ eventType: "user-status.created", data: { verification: { id: "s-1" } } }, "s-1"],
    [{ event_type: "customer.updated.status_transitioned", event_id: "e-1" }, null],
    [{}, null],
  ];
  for (const [value, providerSessionId] of unknown) {
    const content = read(value);
    assert.deepEqual(
      [content.kind, content.subject.providerSessionId],
      ["unknown", providerSessionId],
      JSON.stringify(value),
    );
  }
});

test("what is no JSON object in UTF-8 is unreadable, however deep or broken, and nothing is thrown", () => {
  const bodies = [
    Buffer.alloc(0),
    Buffer.from("not json"),
    Buffer.from('{"status":"success"'),
    Buffer.from("null"),
    Buffer.from("[]"),
    Buffer.from('"text"'),
    Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]),
    Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from("{}")]),
    Buffer.from("[".repeat(100_000)),
    Buffer.from("[".repeat(100_000) + "]".repeat(100_000)),
  ];
  for (const body of bodies) assert.equal(readVeriffWebhook(body).kind, "unreadable", body.subarray(0, 20).toString());
});

test("a decision beside deep unknown fields is read all the same", () => {
  const deep = `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`;
  const body = fixture(approved).toString().replace("{", `{"extra":${deep},`);
  assert.equal(readVeriffWebhook(Buffer.from(body)).kind, "report");
});

test("reasons lose what cannot be stored; codes come as numbers or texts", () => {
  const content = change("decision-declined.constructed.json", (root) => {
    root.verification.reason = `\0Tampered \ud800${"x".repeat(2000)}`;
    root.verification.reasonCode = "102a";
    root.verification.decisionTime = "yesterday";
  });
  assert.ok(content.kind === "report");
  assert.equal(content.report.reason?.length, 500);
  assert.ok(content.report.reason?.startsWith("Tampered \ufffdx"));
  assert.deepEqual([content.report.reasonCode, content.report.decisionTime, content.remarks.length], ["102a", null, 1]);
});

const fullAuto = (edit: (root: Record<string, unknown>, verification: Record<string, unknown>) => void = () => {}) => {
  const root = JSON.parse(fixture("fullauto-approved.constructed.json").toString());
  edit(root, root.data.verification);
  return read(root);
};

test("a full-auto decision is read, its verdict written as a text or as an object", () => {
  for (const written of ["approved", { value: "approved" }]) {
    const content = fullAuto((_root, verification) => {
      verification.decision = written;
    });
    assert.ok(content.kind === "report");
    assert.deepEqual(
      [content.subject, content.report.verdict, content.report.attemptId, content.report.decisionTime],
      [
        { providerSessionId: "8d7b6a52-1c0e-4f5e-9c64-2f3b2a1d9e10", hint: "usr_01HZX3" },
        "approved",
        "0f6a3c1e-4b7d-4a44-8d9b-7b1f6c2e5a01",
        "2026-03-02T10:18:52.330Z",
      ],
    );
    assert.deepEqual(content.remarks, []);
  }
});

test("every full-auto verdict means what the classic one of the same name means", () => {
  const verdicts = ["approved", "declined", "resubmission_requested", "expired", "abandoned"];
  for (const status of verdicts) {
    const content = fullAuto((_root, verification) => {
      verification.decision = status;
    });
    const classic = read({
      status: "success",
      verification: { id: "s-1", status, decisionTime: "2026-03-02T10:18:52Z" },
    });
    assert.ok(content.kind === "report" && classic.kind === "report");
    assert.equal(content.report.verdict, classic.report.verdict);
  }
});

test("a full-auto approval whose top-level status is not success is contradictory", () => {
  for (const status of ["fail", undefined, null]) {
    const content = fullAuto((root) => {
      root.status = status;
    });
    assert.equal(content.kind, "contradictory");
  }
});

test("a status of the portal's own is kept as unknown, with its code for operators and nothing of its free text", () => {
  const content = readVeriffWebhook(fixture("user-defined-status.partial.docs.json"));
  assert.ok(content.kind === "unknown");
  assert.equal(content.subject.providerSessionId, "a1c68aea-7f4d-478d-80ab-ca9356074f69");
  assert.match(content.why, /custom_status_for_suspicious_attempt/);
  assert.doesNotMatch(content.why, /velocity/);
});

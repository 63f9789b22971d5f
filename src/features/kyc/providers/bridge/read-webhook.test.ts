import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isShapedLikeVeriff } from "../veriff/read-webhook.ts";
import { isShapedLikeBridge, readBridgeWebhook } from "./read-webhook.ts";

const fixture = (name: string) => readFileSync(new URL(`../../../../../test/fixtures/bridge/${name}`, import.meta.url));
const read = (value: unknown) => readBridgeWebhook(Buffer.from(JSON.stringify(value)));

type Root = Record<string, unknown> & { event_object: Record<string, unknown> };
function change(name: string, edit: (root: Root) => void) {
  const root = JSON.parse(fixture(name).toString()) as Root;
  edit(root);
  return read(root);
}

const active = "webhook-customer-active.constructed.json";
const link = "webhook-kyc-link-created.constructed.json";
const customerId = "cust_4f0b6a0e-1c55-4d5e-9b1e-7a0c3f9a2d11";
const linkId = "3694522e-6bed-4660-a803-f599b50c7691";

const samples: Record<string, { verdict: string; eventId?: string; subject?: string; reason?: string }> = {
  "webhook-customer-created.constructed.json": { verdict: "awaiting-person", eventId: "wh_EXAMPLE0101" },
  "webhook-customer-under-review.constructed.json": { verdict: "in-review", eventId: "wh_EXAMPLE0102" },
  [active]: { verdict: "approved", eventId: "wh_EXAMPLE0103" },
  "webhook-customer-rejected.constructed.json": {
    verdict: "declined",
    eventId: "wh_EXAMPLE0104",
    reason: "Your information could not be verified",
  },
  [link]: { verdict: "awaiting-person", eventId: "wh_EXAMPLE0201", subject: linkId },
  "webhook-kyc-link-tos-accepted.partial.observed.json": { verdict: "awaiting-person", subject: linkId },
};

for (const [name, expected] of Object.entries(samples)) {
  test(`${name} is read in our words`, () => {
    const content = readBridgeWebhook(fixture(name));
    assert.ok(content.kind === "report", content.kind);
    assert.equal(content.subject.providerSessionId, expected.subject ?? customerId);
    assert.deepEqual(
      [content.report.kind, content.report.verdict, content.eventId, content.report.reason],
      ["decision", expected.verdict, expected.eventId, expected.reason ?? null],
    );
    assert.ok(!JSON.stringify(content).includes("replica"), "developer_reason is never read");
  });
}

// biome-ignore format: a table reads best aligned
const meanings: [status: string, verdict: string][] = [
  ["not_started", "awaiting-person"], ["incomplete", "awaiting-person"], ["awaiting_questionnaire", "awaiting-person"],
  ["awaiting_ubo", "awaiting-person"], ["under_review", "in-review"], ["active", "approved"], ["rejected", "declined"],
  ["paused", "paused"], ["offboarded", "offboarded"],
];

test("every status of a customer has its verdict, and a link's approved is a customer's active", () => {
  for (const [status, verdict] of [...meanings, ["approved", "approved"]] as const) {
    const ofCustomer = change(active, (root) => {
      Object.assign(root, { event_object_status: status });
      root.event_object.status = status;
    });
    const ofLink = change(link, (root) => {
      Object.assign(root, { event_object_status: status, event_type: "kyc_link.updated.status_transitioned" });
      root.event_object.kyc_status = status;
    });
    for (const content of [ofCustomer, ofLink]) {
      assert.ok(content.kind === "report");
      assert.deepEqual([content.report.verdict, content.report.providerStatus], [verdict, status]);
    }
  }
});

test("a status that nobody knows is kept, and nobody guesses", () => {
  for (const status of [
    "Active",
    "ACTIVE",
    "active ",
    "verified",
    "toString",
    "constructor",
    "",
    null,
    7,
    true,
    ["active"],
    {},
  ]) {
    const content = change(active, (root) => {
      root.event_object_status = null;
      root.event_object.status = status;
    });
    assert.equal(content.kind, "unknown", JSON.stringify(status));
  }
});

test("event types with and without their category are read alike; without a category the prefix tells it", () => {
  for (const type of ["updated.status_transitioned", "updated", "created", "customer.updated"]) {
    const content = change(active, (root) => Object.assign(root, { event_type: type }));
    assert.equal(content.kind, "report", type);
  }
  const bare = change(active, (root) => void Object.assign(root, { event_category: undefined }));
  assert.equal(bare.kind, "report");
  const lost = change(active, (root) => void Object.assign(root, { event_category: undefined, event_type: "updated" }));
  assert.equal(lost.kind, "unknown");
});

test("a link's event names its customer where it knows them, and itself beside; else itself alone", () => {
  const known = change(link, (root) => void Object.assign(root.event_object, { customer_id: customerId }));
  assert.deepEqual(known.subject, { providerSessionId: customerId, alsoKnownAs: linkId, hint: null });
  for (const nobody of [null, undefined, "", 7]) {
    const content = change(link, (root) => void Object.assign(root.event_object, { customer_id: nobody }));
    assert.deepEqual(content.subject, { providerSessionId: linkId, hint: null });
  }
});

test("the acceptance of the terms is told to the operator", () => {
  const content = readBridgeWebhook(fixture("webhook-kyc-link-tos-accepted.partial.observed.json"));
  assert.ok(content.kind === "report" && content.remarks.includes("The person accepted the terms of service."));
});

test("where the envelope and the object speak against each other, nothing is believed", () => {
  const bends: ((root: Root) => void)[] = [
    (root) => void Object.assign(root.event_object, { status: "rejected" }),
    (root) => void Object.assign(root, { event_object_status: "rejected" }),
    (root) => void Object.assign(root.event_object, { id: "cust_other" }),
    (root) => void Object.assign(root, { event_object_id: "cust_other" }),
    (root) => void Object.assign(root, { event_type: "kyc_link.updated" }),
    (root) => void Object.assign(root, { event_category: "kyc_link" }),
  ];
  for (const bend of bends) assert.equal(change(active, bend).kind, "contradictory", String(bend));
});

test("events of accounts, transfers and cards, and deletions, are kept as unknown", () => {
  const activity = readBridgeWebhook(fixture("webhook-virtual-account-activity.docs.json"));
  assert.deepEqual(
    [activity.kind, activity.eventId, activity.subject.providerSessionId],
    ["unknown", "wh_t8TAhPPYrRV2v8Asi9ed3sw", "6ed47d9c-03be-420c-8699-369707ca02e9"],
  );
  for (const type of ["customer.deleted", "customer.canceled", "customer.frobnicated", ""])
    assert.equal(change(active, (root) => void Object.assign(root, { event_type: type })).kind, "unknown", type);
});

test("the time is the event's, else the object's, else it counts as the oldest", () => {
  const times = (edit: (root: Root) => void) => {
    const content = change(active, edit);
    assert.ok(content.kind === "report");
    return [content.report.decisionTime, content.remarks.length];
  };
  assert.deepEqual(
    times(() => {}),
    ["2026-03-02T10:05:00.120Z", 1],
  );
  assert.deepEqual(
    times((root) => void Object.assign(root, { event_created_at: undefined })),
    ["2026-03-02T10:05:00.000Z", 1],
  );
  assert.deepEqual(
    times((root) => {
      root.event_created_at = "yesterday";
      root.event_object.updated_at = null;
    }),
    [null, 2],
  );
});

test("only id and status are needed; everything else may be absent, null or of another type", () => {
  const bare = read({ event_type: "customer.updated", event_object: { id: customerId, status: "active" } });
  assert.ok(bare.kind === "report" && bare.report.verdict === "approved" && bare.eventId === undefined);
  for (const odd of [null, 7, "x", [], {}, [null], [7], [{}]]) {
    const content = change(active, (root) => {
      Object.assign(root, {
        event_sequence: odd,
        event_object_changes: odd,
        event_developer_id: odd,
        unannounced: odd,
      });
      Object.assign(root.event_object, {
        endorsements: odd,
        rejection_reasons: odd,
        capabilities: odd,
        client_reference_id: odd,
      });
    });
    assert.equal(content.kind, "report", JSON.stringify(odd));
  }
});

test("the customer's client_reference_id is the cross-check of whom it is about", () => {
  const content = change(
    active,
    (root) => void Object.assign(root.event_object, { client_reference_id: "0199d3a1-6c1e-7b44-9a0e-3f2d1c5b7a90" }),
  );
  assert.equal(content.subject.hint, "0199d3a1-6c1e-7b44-9a0e-3f2d1c5b7a90");
});

test("of several reasons the newest counts, wherever it stands in the list", () => {
  const reasons = [
    { reason: "middle", developer_reason: "x", created_at: "2026-03-01T10:00:00.000Z" },
    { reason: "newest", developer_reason: "x", created_at: "2026-03-02T10:00:00.000Z" },
    { reason: "without a time", developer_reason: "x" },
    { developer_reason: "no words for people", created_at: "2026-03-02T11:00:00.000Z" },
    { reason: "oldest", created_at: "2025-03-02T10:00:00.000Z" },
  ];
  const rejected = change(
    "webhook-customer-rejected.constructed.json",
    (root) => void Object.assign(root.event_object, { rejection_reasons: reasons }),
  );
  assert.ok(rejected.kind === "report");
  assert.equal(rejected.report.reason, "newest");
});

test("a block has the words of its own day, not those of a refusal long ago", () => {
  const blocked = (at: string) =>
    change(active, (root) => {
      root.event_object_status = "offboarded";
      Object.assign(root.event_object, {
        status: "offboarded",
        rejection_reasons: [{ reason: "Because", created_at: at }],
      });
    });
  const reasonOf = (content: ReturnType<typeof read>) => content.kind === "report" && content.report.reason;
  assert.equal(reasonOf(blocked("2026-03-02T10:04:00.000Z")), "Because");
  assert.equal(reasonOf(blocked("2025-10-21T03:39:24.256Z")), "The provider has closed this account.");
});

test("an active customer without an approved endorsement is remarked: no rail is open", () => {
  const content = change(
    active,
    (root) => void Object.assign(root.event_object, { endorsements: [{ name: "base", status: "incomplete" }] }),
  );
  assert.ok(content.kind === "report");
  assert.deepEqual(content.remarks, [
    "Endorsements: base incomplete.",
    "The customer is active, but no endorsement is approved: no rail is open.",
  ]);
});

test("what is no JSON object in UTF-8 is unreadable", () => {
  const bytes: Buffer[] = [
    Buffer.alloc(0),
    Buffer.from("{"),
    Buffer.from("[]"),
    Buffer.from("null"),
    Buffer.from('"x"'),
    Buffer.from([0xff, 0xfe]),
    Buffer.from('{"a":"\xff"}', "latin1"),
    Buffer.from("[".repeat(100_000)),
  ];
  for (const one of bytes) assert.equal(readBridgeWebhook(one).kind, "unreadable");
});

test("each provider's bodies are told apart by their shape", () => {
  for (const name of Object.keys(samples))
    assert.deepEqual([isShapedLikeBridge(fixture(name)), isShapedLikeVeriff(fixture(name))], [true, false], name);
  for (const name of [
    "decision-approved.repo.json",
    "event-started.constructed.json",
    "decision-declined.constructed.json",
  ]) {
    const body = fixture(`../veriff/${name}`);
    assert.deepEqual([isShapedLikeBridge(body), isShapedLikeVeriff(body)], [false, true], name);
  }
});

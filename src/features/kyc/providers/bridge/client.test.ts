import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { createTestClock } from "../../../../foundation/clock/index.ts";
import { createLogger, type LogFields, type Logger } from "../../../../foundation/logging/index.ts";
import { createCallOutside } from "../../../../foundation/outbound/index.ts";
import { startBridgeDouble } from "../../../../sandbox/bridge/index.ts";
import { IntroductionExpired } from "../../errors.ts";
import type { IntroducedPerson, Introduction } from "../../port.ts";
import { createBridge } from "./index.ts";
import { introduceToBridge } from "./introduce.ts";
import { readProblem } from "./read-problem.ts";

const fixture = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../../../test/fixtures/bridge/${name}`, import.meta.url), "utf8"));
const errors = { ...fixture("errors.docs.json"), ...fixture("errors-newer-shape.constructed.json") };

const silent = createLogger({ level: "silent" });
const clock = createTestClock(new Date("2026-03-02T10:00:00.000Z"));
const closing: (() => Promise<unknown> | unknown)[] = [];
after(async () => {
  for (const close of closing) await close();
});

const quick = createCallOutside({ sleep: async () => {} });
const provider = (baseUrl: string, { apiKey = "sk_test_1", log = silent } = {}) =>
  createBridge({ account: { baseUrl, apiKey, webhookKeys: [] }, callOutside: quick, log, clock });

const ada: IntroducedPerson = {
  userId: "0199d3a1-6c1e-7b44-9a0e-3f2d1c5b7a90",
  email: "ada@example.com",
  firstName: "Ada",
  lastName: "Okafor",
  dateOfBirth: "1991-07-14",
  phoneNumber: "+2348012345678",
  address: {
    line1: "2 Grace Close",
    line2: null,
    city: "Ikosi Ketu",
    region: "LA",
    postalCode: "105102",
    country: "NG",
  },
};
const introduction = (more: Partial<Introduction> = {}): Introduction => ({
  idempotencyKey: randomUUID(),
  body: introduceToBridge(ada),
  firstSentAt: clock.now(),
  ...more,
});
const startWith = (bridge: ReturnType<typeof provider>, told = introduction()) =>
  bridge.startSession({ userId: ada.userId, callback: "https://usher.test/ekyc/return", introduction: told });

type Declared = {
  declaration?: { code: string; status: number };
  occurrence?: { retryAfterSeconds?: number; errors?: object };
};
const isDeclared = (code: string) => (error: Declared) => error.declaration?.code === code;
const unavailable = isDeclared("verification-provider-unavailable");

type Seen = { method: string; path: string; key: string | undefined; apiKey: string | undefined; body: string };
type Given = { status?: number; json?: unknown; text?: string; headers?: Record<string, string> };

/** A Bridge that answers each path with what the test says, the last answer for ever. */
async function serve(answers: Record<string, Given[]>) {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = "", url = "", headers } = request;
    const place = `${method} ${url}`;
    const nth = seen.filter((one) => `${one.method} ${one.path}` === place).length;
    seen.push({
      method,
      path: url,
      key: headers["idempotency-key"] as string | undefined,
      apiKey: headers["api-key"] as string | undefined,
      body: Buffer.concat(chunks).toString(),
    });
    const all = answers[place] ?? [{ status: 404, json: { code: "not_found", message: "x" } }];
    const { status = 200, json, text, headers: more } = all[Math.min(nth, all.length - 1)] ?? {};
    response.writeHead(status, { "content-type": "application/json", ...more }).end(text ?? JSON.stringify(json));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => server.close());
  return { seen, baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const made = { status: 201, json: { id: "cust_1", status: "not_started" } };
const page = { json: { url: "https://bridge.withpersona.com/verify?x=1" } };
const customerPage = "GET /v0/customers/cust_1/kyc_link?endorsement=base";

test("the request has the fields and forms of the published sample", () => {
  const sample = fixture("customer-create-ng.request.constructed.json");
  const sent = JSON.parse(introduceToBridge(ada));
  for (const field of [
    "type",
    "first_name",
    "last_name",
    "email",
    "phone",
    "birth_date",
    "residential_address",
    "endorsements",
  ])
    assert.deepEqual(sent[field], sample[field], field);
  assert.equal(sent.client_reference_id, ada.userId);
});

test("a customer is opened at the double, with terms and KYC page, and its decision fetched by the time of its change", async () => {
  const double = await startBridgeDouble({ host: "127.0.0.1", port: 0, clock });
  closing.push(() => double.close());
  for (const baseUrl of [double.url, `${double.url}/`, `${double.url}/v0`, `${double.url}/v0/`]) {
    const bridge = provider(baseUrl, { apiKey: double.apiKey });
    const session = await startWith(bridge);
    assert.match(session.providerSessionId, /^cust_/);
    assert.ok(session.url?.startsWith(double.url) && session.providerStatus === "not_started");
    const terms = await bridge.getTermsLink?.(session.providerSessionId, "https://usher.test/ekyc/return");
    assert.equal(new URL(terms ?? "").searchParams.get("redirect_uri"), "https://usher.test/ekyc/return");
    await fetch(`${double.url}/sandbox/customers/${session.providerSessionId}/active`, { method: "POST" });
    const content = await bridge.fetchDecision(session.providerSessionId);
    assert.ok(content?.kind === "report" && content.report.decisionTime !== null);
    assert.deepEqual([content.report.verdict, content.subject.hint], ["approved", ada.userId]);
  }
  assert.equal(await provider(double.url, { apiKey: double.apiKey }).fetchDecision("cust_nobody"), undefined);
});

test("every POST bears the key of its introduction, no GET bears one, and repeats are the same in every byte", async () => {
  const { seen, baseUrl } = await serve({
    "POST /v0/customers": [{ status: 500, json: errors["500"] }, { status: 429, json: {} }, made],
    [customerPage]: [page],
  });
  const told = introduction();
  await startWith(provider(baseUrl), told);
  assert.deepEqual(
    seen.map(({ method, key, body }) => [method, key, body]),
    [...Array(3).fill(["POST", told.idempotencyKey, told.body]), ["GET", undefined, ""]],
  );
  assert.ok(seen.every(({ apiKey }) => apiKey === "sk_test_1"));
});

test("each published refusal is read: its code, and the fields at fault", () => {
  const read = (json: unknown) => {
    const { code, fields, isAboutKey } = readProblem(json);
    return [code, fields, isAboutKey];
  };
  assert.deepEqual(read(errors["400_customer"]), ["bad_customer_request", ["first_name", "ssn"], false]);
  assert.deepEqual(read(errors["401_missing_key"]), ["required", [], false]);
  assert.deepEqual(read(errors["500"]), ["unexpected", [], false]);
  assert.deepEqual(read(errors["400_invalid_parameters"]), ["invalid_parameters", ["birth_date", "email"], false]);
  assert.deepEqual(read(errors["422_idempotency_expired"]), ["idempotency_key_expired", [], true]);
  const list = { code: "x", message: "m", source: { location: "body", key: "phone, email" }, type: "t", details: {} };
  assert.deepEqual(read(list), ["x", ["phone", "email"], false]);
  const duplicate = readProblem(fixture("kyc-link-duplicate-400.response.constructed.json"));
  assert.deepEqual(
    [duplicate.code, duplicate.existingLink?.id],
    ["duplicate_record", "3694522e-6bed-4660-a803-f599b50c7691"],
  );
  for (const odd of [
    undefined,
    null,
    7,
    "x",
    [],
    {},
    { errors: [] },
    { errors: [null] },
    { code: 7, source: [], name: {} },
  ])
    assert.doesNotThrow(() => readProblem(odd));
});

test("a refusal for what is known of the person names our fields, quotes nothing, and is not repeated", async () => {
  const { seen, baseUrl } = await serve({
    "POST /v0/customers": [{ status: 400, json: errors["400_invalid_parameters"] }],
  });
  await assert.rejects(startWith(provider(baseUrl)), (error: Declared) => {
    assert.ok(isDeclared("verification-data-refused")(error));
    assert.deepEqual(Object.keys(error.occurrence?.errors ?? {}), ["date_of_birth", "email"]);
    assert.ok(!JSON.stringify(error.occurrence).includes("18 years"));
    return true;
  });
  assert.equal(seen.length, 1);
});

test("a refused key is told to the operator without the key, and to the caller as 503", async () => {
  const lines: { level: string; fields?: LogFields }[] = [];
  const write = (level: string) => (_: string, fields?: LogFields) => void lines.push({ level, fields });
  const log: Logger = { info: write("info"), warn: write("warn"), error: write("error") };
  const { baseUrl } = await serve({ "POST /v0/customers": [{ status: 401, json: errors["401_invalid_key"] }] });
  await assert.rejects(startWith(provider(baseUrl, { apiKey: "sk_live_secret", log })), unavailable);
  assert.deepEqual(
    lines.map(({ level, fields }) => [level, fields?.errorCode]),
    [["error", "invalid"]],
  );
  assert.ok(!JSON.stringify(lines).includes("secret"));
});

test("garbage, redirects, answers without an id, and lasting weather are 503, never a customer", async () => {
  const weathers: Given[] = [
    { text: "<html>" },
    { text: "" },
    { json: null },
    { json: {} },
    { json: { id: 7, status: "active" } },
    { json: { id: "", status: "active" } },
    { status: 302, json: {}, headers: { location: "/elsewhere" } },
    { status: 500, json: errors["500"] },
    { status: 503, text: "busy" },
    { status: 429, json: {} },
    { status: 403, json: {} },
    { json: { id: "cust_1", pad: "x".repeat(1_100_000) } },
  ];
  for (const weather of weathers) {
    const { baseUrl } = await serve({ "POST /v0/customers": [weather] });
    await assert.rejects(startWith(provider(baseUrl)), unavailable, JSON.stringify(weather).slice(0, 80));
  }
});

test("Retry-After is handed on, an hour at most", async () => {
  for (const [asked, told] of [
    ["40", 40],
    ["999999", 3600],
  ] as const) {
    const { baseUrl } = await serve({
      "POST /v0/customers": [{ status: 429, json: {}, headers: { "retry-after": asked } }],
    });
    await assert.rejects(
      startWith(provider(baseUrl)),
      (error: Declared) => error.occurrence?.retryAfterSeconds === told,
    );
  }
});

const list = (first: string, data: unknown[]) => ({ [`GET /v0/customers?limit=100${first}`]: [{ json: { data } }] });
const other = (id: string, created_at = "2026-03-02T09:59:00.000Z") => ({
  id,
  status: "active",
  created_at,
  client_reference_id: "x",
});

test("where the key counts no more the customer is looked up, page by page, and never posted a second time", async () => {
  const ours = {
    id: "cust_1",
    status: "under_review",
    client_reference_id: ada.userId,
    created_at: "2026-03-01T09:00:01.000Z",
  };
  const pages = {
    ...list("", [other("cust_8"), other("cust_7")]),
    ...list("&starting_after=cust_7", [other("cust_6"), ours]),
    [customerPage]: [page],
  };
  const old = introduction({ firstSentAt: new Date("2026-03-01T09:00:00.000Z") });
  const late = await serve(pages);
  assert.equal((await startWith(provider(late.baseUrl), old)).providerStatus, "under_review");
  assert.ok(late.seen.every(({ method }) => method === "GET"));
  const told = await serve({
    ...pages,
    "POST /v0/customers": [{ status: 422, json: errors["422_idempotency_expired"] }],
  });
  assert.equal(
    (await startWith(provider(told.baseUrl), introduction({ firstSentAt: new Date("2026-03-01T10:30:00.000Z") })))
      .providerSessionId,
    "cust_1",
  );
  assert.equal(told.seen.filter(({ method }) => method === "POST").length, 1);
});

test("a person whom Bridge does not know after a day is introduced anew; the search ends where they cannot be", async () => {
  const old = introduction({ firstSentAt: new Date("2026-03-01T09:00:00.000Z") });
  const past = other("cust_2", "2026-02-01T00:00:00.000Z");
  for (const pages of [
    list("", []),
    list("", [past]),
    { ...list("", [other("cust_9")]), ...list("&starting_after=cust_9", []) },
  ]) {
    const { baseUrl } = await serve(pages);
    await assert.rejects(startWith(provider(baseUrl), old), IntroductionExpired);
  }
  const { baseUrl } = await serve({ "GET /v0/customers?limit=100": [{ status: 500, json: errors["500"] }] });
  await assert.rejects(startWith(provider(baseUrl), old), unavailable, "an outage is no proof that there is nobody");
});

test("a terms link is taken in both published shapes, and led back to us", async () => {
  for (const name of ["tos-link.shape-a.response.constructed.json", "tos-link.shape-b.response.constructed.json"]) {
    const { seen, baseUrl } = await serve({ "POST /v0/customers/tos_links": [{ json: fixture(name) }] });
    const link = new URL((await provider(baseUrl).getTermsLink?.("cust_1", "https://usher.test/back?a=1")) ?? "");
    assert.deepEqual(
      [link.host, link.searchParams.get("session_token"), link.searchParams.get("redirect_uri")],
      ["dashboard.bridge.xyz", "EXAMPLE", "https://usher.test/back?a=1"],
    );
    assert.deepEqual(
      seen.map(({ method, path, body }) => `${method} ${path} ${body}`),
      ["GET /v0/customers/cust_1/tos_acceptance_link ", "POST /v0/customers/tos_links "],
    );
    assert.ok(seen[1]?.key && seen[0]?.key === undefined);
  }
  for (const json of [{}, { url: "javascript:alert(1)" }, { url: 7 }, { data: {} }, []]) {
    const { baseUrl } = await serve({ "POST /v0/customers/tos_links": [{ json }] });
    await assert.rejects(
      provider(baseUrl).getTermsLink?.("cust_1", "https://usher.test/") ?? Promise.resolve(),
      unavailable,
    );
  }
});

test("without a page of the customer's own a KYC link by e-mail is opened; a duplicate brings the one that is there", async () => {
  const observed = fixture("kyc-link.observed.json");
  const duplicate = fixture("kyc-link-duplicate-400.response.constructed.json");
  const mine = { ...observed, customer_id: "cust_1" };
  const cases: [Given, string | undefined][] = [
    [{ json: mine }, observed.id],
    [{ status: 400, json: duplicate }, duplicate.existing_kyc_link.id],
    [{ json: observed }, undefined],
    [{ status: 400, json: errors["400_customer"] }, undefined],
    [{ json: {} }, undefined],
  ];
  for (const [answer, linkId] of cases) {
    const { seen, baseUrl } = await serve({ "POST /v0/customers": [made], "POST /v0/kyc_links": [answer] });
    const told = introduction();
    const session = await startWith(provider(baseUrl), told);
    assert.deepEqual(
      [session.providerSessionId, session.alsoKnownAs, session.url === null],
      ["cust_1", linkId, linkId === undefined],
    );
    const asked = JSON.parse(seen.at(-1)?.body ?? "");
    const sample = fixture("kyc-link-create.request.constructed.json");
    assert.deepEqual(Object.keys(asked), Object.keys(sample));
    assert.equal(asked.full_name, sample.full_name);
    assert.notEqual(seen.at(-1)?.key, told.idempotencyKey, "another body needs another key");
  }
});

test("published customers are read by GET as by webhook", async () => {
  for (const [name, verdict] of [
    ["active", "approved"],
    ["incomplete", "awaiting-person"],
    ["rejected", "declined"],
    ["under-review", "in-review"],
  ] as const) {
    const customer = fixture(`customer-${name}.response.constructed.json`);
    const { baseUrl } = await serve({ [`GET /v0/customers/${customer.id}`]: [{ json: customer }] });
    const content = await provider(baseUrl).fetchDecision(customer.id);
    assert.ok(content?.kind === "report");
    assert.deepEqual([content.report.verdict, content.report.decisionTime], [verdict, "2026-03-02T10:05:00.000Z"]);
  }
});

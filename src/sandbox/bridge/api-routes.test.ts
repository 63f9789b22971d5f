import assert from "node:assert/strict";
import { test } from "node:test";
import { readBridgeSample, startBench } from "../testing/bridge-bench.ts";
import { shapeDifferences } from "../testing/veriff-bench.ts";

const person = {
  type: "individual",
  first_name: "Ada",
  last_name: "Okafor",
  email: "ada@example.com",
  endorsements: ["base"],
};

test("the published requests make a customer whose answer has the published shape", async (t) => {
  const { send } = await startBench(t);
  const body = await readBridgeSample("customer-create-ng.request.constructed");
  const made = await send("POST", "/v0/customers", { body });
  assert.equal(made.status, 201);
  assert.deepEqual(
    shapeDifferences(await readBridgeSample("customer-under-review.response.constructed"), made.body),
    [],
  );
  assert.deepEqual([made.body.status, made.body.client_reference_id], ["not_started", body.client_reference_id]);
  const link = await send("POST", "/v0/kyc_links", {
    body: await readBridgeSample("kyc-link-create.request.constructed"),
  });
  assert.deepEqual(shapeDifferences(await readBridgeSample("kyc-link.observed"), link.body), []);
  const docs = await readBridgeSample("customer-create.request.docs");
  const young = await send("POST", "/v0/customers", { body: { ...docs, birth_date: "2015-01-01" } });
  assert.deepEqual(young.body.source.key, { birth_date: "must be at least 18 years ago" });
});

test("the key and the Idempotency-Key are asked for as Bridge does, in its own words", async (t) => {
  const { send } = await startBench(t);
  const errors = (await readBridgeSample("errors.docs")) as Record<string, unknown>;
  const body = person;
  const without = await send("POST", "/v0/customers", { body, headers: { "api-key": "" } });
  assert.deepEqual([without.status, without.body], [401, errors["401_missing_key"]]);
  const wrong = await send("POST", "/v0/customers", { body, headers: { "api-key": "sk_test_other" } });
  assert.deepEqual([wrong.status, wrong.body], [401, errors["401_invalid_key"]]);
  const keyless = await send("POST", "/v0/customers", { body, headers: { "idempotency-key": "" } });
  assert.deepEqual([keyless.status, keyless.body.name], [400, "Idempotency-Key"]);
  const { id } = (await send("POST", "/v0/customers", { body })).body;
  for (const method of ["GET", "PUT", "DELETE"]) {
    const refused = await send(method, `/v0/customers/${id}`, {
      ...(method === "PUT" ? { body: {} } : {}),
      headers: { "idempotency-key": "k" },
    });
    assert.equal(refused.status, 400, method);
  }
});

test("a key gives the first answer for a day, with the same body only, and is refused afterwards", async (t) => {
  let now = Date.parse("2026-03-02T10:00:00Z");
  const { send } = await startBench(t, { clock: { now: () => new Date(now) } });
  const post = (body: unknown = person) => send("POST", "/v0/customers", { body, key: "k-1" });
  const first = await post();
  assert.deepEqual(await post(), first);
  assert.equal((await post({ ...person, first_name: "Eve" })).body.code, "idempotency_key_reused");
  assert.equal((await send("GET", "/v0/customers")).body.data.length, 1);
  now += 24 * 3600 * 1000;
  assert.deepEqual(await post(), first);
  now += 1;
  const late = await post();
  assert.deepEqual([late.status, late.body.message], [422, "Idempotency Key Retry Deadline Exceeded"]);
});

test("every bad customer is refused by the name of the field", async (t) => {
  const { send } = await startBench(t);
  const bad: [Record<string, unknown>, string][] = [
    [{ type: "person" }, "type"],
    [{ first_name: "A" }, "first_name"],
    [{ email: "nobody" }, "email"],
    [{ phone: "0803" }, "phone"],
    [{ birth_date: "1990-02-30x" }, "birth_date"],
    [{ endorsements: "base" }, "endorsements"],
    [{ client_reference_id: "" }, "client_reference_id"],
    [{ residential_address: { street_line_1: "P.O. Box 1", country: "NGA" } }, "residential_address.street_line_1"],
    [{ residential_address: { street_line_1: "12", country: "NGA" } }, "residential_address.street_line_1"],
    [{ residential_address: { street_line_1: "2 Grace Close", country: "NG" } }, "residential_address.country"],
  ];
  for (const [more, field] of bad) {
    const { status, body } = await send("POST", "/v0/customers", { body: { ...person, ...more } });
    assert.equal(status, 400, field);
    assert.ok(field in body.source.key, JSON.stringify(body));
  }
  assert.equal((await send("POST", "/v0/customers", { body: {} })).body.code, "bad_customer_request");
  for (const raw of ["{", "[]", "7", "null"])
    assert.equal((await send("POST", "/v0/customers", { raw })).status, 400, raw);
  assert.equal((await send("GET", "/v0/customers/cust_nobody")).status, 404);
  assert.equal((await send("GET", "/v0/nothing")).status, 404);
});

test("one KYC link for each address: a second one is told which is there", async (t) => {
  const { send } = await startBench(t);
  const body = { full_name: "Ada Okafor", email: "ada@example.com", type: "individual" };
  const { id } = (await send("POST", "/v0/kyc_links", { body })).body;
  const again = await send("POST", "/v0/kyc_links", { body });
  assert.deepEqual([again.status, again.body.code, again.body.existing_kyc_link.id], [400, "duplicate_record", id]);
  assert.deepEqual(
    shapeDifferences(await readBridgeSample("kyc-link-duplicate-400.response.constructed"), again.body),
    [],
  );
  assert.equal((await send("GET", `/v0/kyc_links/${id}`)).body.id, id);
  assert.equal((await send("GET", "/v0/kyc_links?email=ada%40example.com")).body.data.length, 1);
  assert.equal((await send("GET", "/v0/kyc_links?email=eve%40example.com")).body.data.length, 0);
  assert.equal(
    (await send("POST", "/v0/kyc_links", { body: { ...body, email: "b@example.com", redirect_uri: "javascript:1" } }))
      .status,
    400,
  );
});

test("lists come newest first, page by page", async (t) => {
  const { send } = await startBench(t);
  for (const n of [1, 2, 3]) await send("POST", "/v0/customers", { body: { ...person, email: `p${n}@example.com` } });
  const emails = async (query: string) => {
    const { data } = (await send("GET", `/v0/customers${query}`)).body;
    return data.map(({ email }: { email: string }) => email);
  };
  assert.deepEqual(await emails(""), ["p3@example.com", "p2@example.com", "p1@example.com"]);
  const [first] = (await send("GET", "/v0/customers?limit=1")).body.data;
  assert.deepEqual(await emails(`?starting_after=${first.id}`), ["p2@example.com", "p1@example.com"]);
  for (const query of ["?limit=0", "?limit=101", "?limit=x", "?starting_after=a&ending_before=b"])
    assert.equal((await send("GET", `/v0/customers${query}`)).status, 400, query);
});

test("both shapes of terms links can be chosen, and the sandbox's own approval works", async (t) => {
  const { send } = await startBench(t);
  for (const [tosShape, name] of [
    ["a", "tos-link.shape-a.response.constructed"],
    ["b", "tos-link.shape-b.response.constructed"],
  ] as const) {
    await send("PUT", "/sandbox/settings", { body: { tosShape } });
    const { body } = await send("POST", "/v0/customers/tos_links");
    assert.deepEqual(shapeDifferences(await readBridgeSample(name), body), []);
    assert.equal("url" in body, tosShape === "a");
  }
  const { id } = (await send("POST", "/v0/customers", { body: person })).body;
  const approved = await send("POST", `/v0/customers/${id}/simulate_kyc_approval`);
  assert.deepEqual(approved.body, {
    ...(await readBridgeSample("simulate-kyc-approval.response.constructed")),
    customer_id: id,
  });
  const customer = (await send("GET", `/v0/customers/${id}`)).body;
  assert.deepEqual(
    [customer.status, customer.has_accepted_terms_of_service, customer.endorsements[0].status],
    ["active", true, "approved"],
  );
});

test("bad weather meets the API, and not the pages and scripts", async (t) => {
  const { send } = await startBench(t, { weather: { serverError: 1 } });
  assert.equal((await send("POST", "/v0/customers", { body: person })).status, 500);
  assert.equal((await send("GET", "/sandbox/customers")).status, 200);
  await send("PUT", "/sandbox/weather", { body: { preset: "outage" } });
  await assert.rejects(send("GET", "/v0/customers"));
});

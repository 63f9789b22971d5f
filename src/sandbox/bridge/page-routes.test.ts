import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { startBench } from "../testing/bridge-bench.ts";
import { collectComplaints, noBrowser, openBrowser } from "../testing/browser.ts";

const person = {
  type: "individual",
  first_name: "<b>Ada</b>",
  last_name: "Okafor",
  email: "ada@example.com",
  endorsements: ["base"],
};

test("a person accepts the terms in a browser and comes back with the agreement's id; buttons choose every status", {
  skip: noBrowser,
}, async (t) => {
  const { send, url } = await startBench(t);
  const { id } = (await send("POST", "/v0/customers", { body: person })).body;
  const terms = (await send("GET", `/v0/customers/${id}/tos_acceptance_link`)).body.url;
  const application = createServer((_request, response) => response.end("<!doctype html><title>Back</title>"));
  await once(application.listen(0, "127.0.0.1"), "listening");
  t.after(() => application.close());
  const back = `http://127.0.0.1:${(application.address() as AddressInfo).port}/back`;
  const browser = await openBrowser(t);
  const page = await browser.newPage({ viewport: { width: 320, height: 640 } });
  const complaints = collectComplaints(page);
  await page.goto(`${terms}&redirect_uri=${encodeURIComponent(back)}`);
  await page.getByRole("button", { name: "Accept" }).click();
  await page.waitForURL(/\/back\?signed_agreement_id=[0-9a-f-]{36}$/);
  await page.goto((await send("GET", `/v0/customers/${id}/kyc_link`)).body.url);
  assert.equal(await page.locator("b").count(), 0, "what clients send is no markup");
  for (const status of ["incomplete", "awaiting questionnaire", "under review", "active", "paused", "offboarded"]) {
    await page.getByRole("button", { name: status, exact: true }).click();
    await page.locator(".head .badge").first().getByText(status, { exact: true }).waitFor();
  }
  await page.getByRole("button", { name: "Reject" }).click();
  await page.locator(".head .badge").first().getByText("rejected", { exact: true }).waitFor();
  assert.ok(((await page.evaluate("document.documentElement.scrollWidth")) as number) <= 320);
  await page.goto(url);
  await page.getByRole("link", { name: "<b>Ada</b> Okafor" }).click();
  assert.deepEqual(complaints, []);
});

test("hostile queries end on a page that says so", async (t) => {
  const { url } = await startBench(t);
  for (const path of [
    "/verify/nobody",
    "/nothing",
    "/accept-terms-of-service?redirect_uri=javascript:alert(1)",
    "/accept-terms-of-service?redirect_uri=data:text/html,x",
  ]) {
    const answer = await fetch(`${url}${path}`);
    assert.equal(answer.status, 404, path);
    assert.match(answer.headers.get("content-security-policy") ?? "", /default-src 'none'/);
  }
  const body = new URLSearchParams({ customer_id: "cust_nobody" });
  assert.equal((await fetch(`${url}/accept-terms-of-service`, { method: "POST", body })).status, 404);
});

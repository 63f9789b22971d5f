import assert from "node:assert/strict";
import { test } from "node:test";
import { collectComplaints, noBrowser, openBrowser } from "../testing/browser.ts";
import { startBench } from "../testing/veriff-bench.ts";

const REQUEST = {
  callback: "http://127.0.0.1:8080/return?from=<veriff>",
  vendorData: "0199c0de-0000-7000-8000-00000000ada1",
  person: { firstName: "Ada", lastName: '<script>alert("x")</script>' },
};
const SCREENSHOTS = process.env.SCREENSHOTS_DIR;

test("in a browser: open, start, submit, approve, see the result, change it; no complaint in the console", {
  skip: noBrowser,
}, async (t) => {
  const { createSession, receiver, url } = await startBench(t);
  const session = await createSession(REQUEST);
  const browser = await openBrowser(t);
  const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
  const complaints = collectComplaints(page);
  await page.goto(session.url);
  assert.equal(receiver.received.length, 0, "opening the page starts nothing");
  await page.getByText("Sandbox double, not Veriff.").waitFor();
  if (SCREENSHOTS) await page.screenshot({ path: `${SCREENSHOTS}/session-created.png`, fullPage: true });
  await page.getByRole("button", { name: "Start" }).click();
  await page.getByRole("button", { name: "Submit documents" }).click();
  await page.getByText("Documents are handed in.").waitFor();
  if (SCREENSHOTS) await page.screenshot({ path: `${SCREENSHOTS}/session-submitted.png`, fullPage: true });
  await page.getByRole("button", { name: "Approve" }).click();
  await page.getByRole("heading", { name: "Decision: approved" }).waitFor();
  assert.deepEqual(
    receiver.received.map(({ json }) => json.action ?? (json.verification as { status: string }).status),
    ["started", "submitted", "approved"],
  );
  const sent = page.getByRole("region", { name: "Webhooks sent" });
  assert.equal(await sent.getByText("delivered, HTTP 200").count(), 3);
  const back = page.getByRole("link", { name: "Back to the application" });
  assert.equal(await back.getAttribute("href"), REQUEST.callback);
  await page.getByText("Change the decision").click();
  if (SCREENSHOTS) await page.screenshot({ path: `${SCREENSHOTS}/session-approved.png`, fullPage: true });
  await page.getByLabel("Reason to decline").selectOption("106");
  await page.getByRole("button", { name: "Decline" }).click();
  await page.getByRole("heading", { name: "Decision: declined" }).waitFor();
  await page.getByText("Reason 106: Known fraud").waitFor();
  assert.equal(await page.getByRole("button", { name: "Ask to resubmit" }).count(), 0);
  await page.emulateMedia({ colorScheme: "dark" });
  if (SCREENSHOTS) await page.screenshot({ path: `${SCREENSHOTS}/session-declined-dark.png`, fullPage: true });
  await page.goto(url);
  await page.getByRole("link", { name: "Ada <script>" }).waitFor();
  if (SCREENSHOTS) await page.screenshot({ path: `${SCREENSHOTS}/sessions-dark.png`, fullPage: true });
  assert.equal(await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), true);
  assert.deepEqual(complaints, []);
});

test("in a browser: what failed is shown with its answer and its next try, and can be sent again", {
  skip: noBrowser,
}, async (t) => {
  const { createSession, receiver } = await startBench(t);
  receiver.replies.push({ status: 503, body: "<b>down</b>" });
  const session = await createSession();
  const page = await (await openBrowser(t)).newPage();
  const complaints = collectComplaints(page);
  await page.goto(session.url);
  await page.getByRole("button", { name: "Let it expire" }).click();
  await page.getByText("will be repeated, HTTP 503").waitFor();
  await page.getByText(/^Next try at/).waitFor();
  await page.getByText("Answers and exact body").click();
  await page.getByText("<b>down</b>").waitFor();
  await page.getByText('"unannouncedRootField": true').waitFor();
  if (SCREENSHOTS) await page.screenshot({ path: `${SCREENSHOTS}/session-retry.png`, fullPage: true });
  await page.getByRole("button", { name: "Send the newest again" }).click();
  await page.getByText("delivered, HTTP 200").waitFor();
  assert.deepEqual(receiver.received[0]?.bytes, receiver.received[1]?.bytes);
  assert.deepEqual(complaints, []);
});

test("pages allow no script, no framing and no foreign form target", async (t) => {
  const { url, createSession } = await startBench(t);
  const response = await fetch((await createSession(REQUEST)).url);
  const policy = response.headers.get("content-security-policy") ?? "";
  assert.match(policy, /^default-src 'none'; style-src 'nonce-[\w-]{24}'; /);
  assert.match(policy, /form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/);
  const body = await response.text();
  assert.doesNotMatch(body, /<script| on\w+=| style="/);
  assert.notEqual(policy, (await fetch(url)).headers.get("content-security-policy"), "each answer has its own nonce");
});

test("an unknown link and an action not open now are explained in a page", async (t) => {
  const { url, createSession, play } = await startBench(t);
  const unknown = await fetch(`${url}/v/unknown`);
  assert.equal(unknown.status, 404);
  assert.match(await unknown.text(), /no such session/);
  const session = await createSession();
  await play(session.id, "decline");
  const refused = await fetch(`${session.url}/started`, { method: "POST", body: new URLSearchParams() });
  assert.equal(refused.status, 409);
  assert.match(await refused.text(), /role="alert".*The session is declined; allowed now: approve/);
});

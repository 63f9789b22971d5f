import assert from "node:assert/strict";
import { test } from "node:test";
import { collectComplaints, noBrowser, openBrowser } from "../testing/browser.ts";
import { startBench } from "../testing/veriff-bench.ts";

test("in a browser: the weather is set by one button or in detail, and the page tells what it did", {
  skip: noBrowser,
}, async (t) => {
  const { createSession, play, receiver, url } = await startBench(t);
  const { id } = await createSession();
  const page = await (await openBrowser(t)).newPage({ viewport: { width: 390, height: 844 } });
  const complaints = collectComplaints(page);
  await page.goto(url);
  await page.getByRole("link", { name: "weather" }).click();
  await page.getByText("clear sky", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Outage" }).click();
  await page.getByText("outage", { exact: true }).waitFor();
  await play(id, "started");
  assert.equal(receiver.received.length, 0);
  await page.getByLabel("Outage").uncheck();
  await page.getByLabel("Duplicate").fill("100");
  await page.getByLabel("Seed").fill("monday");
  await page.getByRole("button", { name: "Set the weather" }).click();
  await page.getByText("unsettled").waitFor();
  await play(id, "submitted");
  assert.equal(receiver.received.length, 2);
  await page.getByRole("link", { name: "Look again" }).click();
  assert.equal(await page.locator("dt", { hasText: "Duplicate" }).locator("+ dd").innerText(), "1");
  assert.equal(await page.getByLabel("Seed").inputValue(), "monday");
  assert.equal(await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), true);
  assert.deepEqual(complaints, []);
});

test("a form that says nonsense is refused in words and changes nothing", async (t) => {
  const { url } = await startBench(t);
  for (const fields of [
    { lose: "300" },
    { lose: "-1" },
    { lose: "x" },
    { preset: "storm" },
    { seed: "" },
    { rain: "1" },
  ]) {
    const answer = await fetch(`${url}/weather`, { method: "POST", body: new URLSearchParams(fields as never) });
    assert.deepEqual([answer.status, /role="alert"/.test(await answer.text())], [400, true], JSON.stringify(fields));
  }
  const { counts, settings } = (await (await fetch(`${url}/sandbox/weather`)).json()) as Record<
    string,
    { lose?: number }
  >;
  assert.deepEqual([counts, settings?.lose], [{}, 0]);
});

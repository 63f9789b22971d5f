import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import Fastify from "fastify";
import nodemailer from "nodemailer";
import { collectComplaints, noBrowser, openBrowser } from "../testing/browser.ts";
import { registerMailboxPages } from "./register-mailbox-pages.ts";
import { startMailbox } from "./start-mailbox.ts";

const SCREENSHOTS = process.env.SCREENSHOTS_DIR;

async function openPages(t: TestContext) {
  const mailbox = await startMailbox({});
  const app = Fastify({ forceCloseConnections: true });
  const delegated: unknown[] = [];
  app.addHook("onRoute", (route) => {
    delegated.push(route.config?.delegated);
  });
  registerMailboxPages(app, mailbox);
  const url = await app.listen({ port: 0, host: "127.0.0.1" });
  t.after(async () => {
    await app.close();
    await mailbox.close();
  });
  const transport = nodemailer.createTransport(mailbox.smtpUrl);
  const text = "Hello Ada,\n\nyour code is 042917. Or open https://example.com/confirm?a=1&b=<2>.\n\nUsher";
  const html = '<img src="https://example.com/pixel.png"><script>alert(1)</script>';
  await transport.sendMail({ from: "usher@example.com", to: "ada@example.com", subject: "Confirm <b>", text, html });
  return { url, mailbox, delegated };
}

test("scripts get JSON with the code, by ?to= or by Accept", async (t) => {
  const { url, mailbox, delegated } = await openPages(t);
  const byAddress = await fetch(`${url}/sandbox/mailbox?to=ada@example.com`);
  assert.deepEqual(await byAddress.json(), {
    messages: mailbox.list({}),
  });
  const headers = { accept: "application/json" };
  const all = (await (await fetch(`${url}/sandbox/mailbox`, { headers })).json()) as { messages: { code: string }[] };
  assert.equal(all.messages[0]?.code, "042917");
  const nobody = await fetch(`${url}/sandbox/mailbox?to=nobody@example.com`);
  assert.deepEqual(await nobody.json(), { messages: [] });
  const one = await fetch(`${url}/sandbox/mailbox/${mailbox.list({})[0]?.id}`, { headers });
  assert.equal(((await one.json()) as { code: string }).code, "042917");
  assert.equal((await fetch(`${url}/sandbox/mailbox/unknown`, { headers })).status, 404);
  assert.ok(delegated.length > 0 && delegated.every((name) => name === "sandbox mailbox"));
});

test("a bad filter is refused in words", async (t) => {
  const { url } = await openPages(t);
  for (const query of ["?to=a&to=b", "?limit=0", "?limit=501", "?limit=x"]) {
    assert.equal((await fetch(`${url}/sandbox/mailbox${query}`)).status, 400, query);
  }
});

test("in a browser: a message is found and read, and nothing in it is run or loaded", {
  skip: noBrowser,
}, async (t) => {
  const { url } = await openPages(t);
  const page = await (await openBrowser(t)).newPage({ viewport: { width: 390, height: 844 } });
  const complaints = collectComplaints(page);
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).host));
  await page.goto(`${url}/sandbox/mailbox`);
  if (SCREENSHOTS) await page.screenshot({ path: `${SCREENSHOTS}/mailbox.png`, fullPage: true });
  await page.getByRole("link", { name: "Confirm <b>" }).click();
  await page.getByText("042917", { exact: true }).waitFor();
  const link = page.getByRole("link", { name: "https://example.com/confirm" });
  assert.equal(await link.getAttribute("href"), "https://example.com/confirm?a=1&b=");
  await page.getByText("HTML part, as text").click();
  await page.getByText("<script>alert(1)</script>").waitFor();
  if (SCREENSHOTS) await page.screenshot({ path: `${SCREENSHOTS}/message.png`, fullPage: true });
  assert.deepEqual([...new Set(asked)], [new URL(url).host]);
  assert.deepEqual(complaints, []);
});

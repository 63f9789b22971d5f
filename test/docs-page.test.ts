import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { collectComplaints, noBrowser, openBrowser } from "../src/sandbox/testing/browser.ts";
import { startUsher, type TestUsher } from "./harness.ts";
import { codeOf, enrolApp } from "./second-factor-people.ts";
import { startSecond } from "./second-process.ts";

const screenshots = process.env.SCREENSHOTS_DIR;

let usher: TestUsher;
before(async () => {
  usher = await startUsher();
});
after(() => usher.stop());

async function shoot(page: Page, name: string): Promise<void> {
  if (screenshots) await page.screenshot({ path: `${screenshots}/${name}.png`, fullPage: false });
}

/** The documentation page says its own name in the console, which is no complaint. */
const serious = (complaints: string[]) => complaints.filter((complaint) => !complaint.startsWith("info: @scalar/"));

/** Everything the page asked for; only our own server may be among it. */
function collectHosts(page: Page): Set<string> {
  const hosts = new Set<string>();
  page.on("request", (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol !== "data:" && protocol !== "blob:") hosts.add(host);
  });
  return hosts;
}

test("the documentation is readable in a browser, with every operation, and asks nobody else", {
  skip: noBrowser,
}, async (t) => {
  const page = await (await openBrowser(t)).newPage({ viewport: { width: 1280, height: 900 } });
  const complaints = collectComplaints(page);
  const hosts = collectHosts(page);
  await page.goto(`${usher.url}/docs`);
  await page.getByRole("heading", { name: "Usher", exact: true }).first().waitFor();
  for (const group of ["Status gate", "Users", "Organisations", "KYC", "eKYC"])
    await page.getByText(group, { exact: true }).first().waitFor();
  await shoot(page, "docs");
  await page.getByText("Status gate", { exact: true }).first().click();
  await page.getByText("May this user proceed?").first().click();
  await page.getByText("isEmailVerified").first().waitFor();
  await shoot(page, "docs-operation");
  assert.deepEqual([...hosts], [new URL(usher.url).host]);
  assert.deepEqual(serious(complaints), []);
});

test("the documentation works on a small screen", { skip: noBrowser }, async (t) => {
  const page = await (await openBrowser(t)).newPage({ viewport: { width: 390, height: 844 } });
  const complaints = collectComplaints(page);
  await page.goto(`${usher.url}/docs/`);
  await page.getByRole("heading", { name: "Usher", exact: true }).first().waitFor();
  await shoot(page, "docs-small");
  const overflow = await page.evaluate(
    "document.documentElement.scrollWidth > document.documentElement.clientWidth + 1",
  );
  assert.equal(overflow, false, "nothing stands out to the right");
  assert.deepEqual(serious(complaints), []);
});

test("an error's page says what happened and how to mend it, and leads to the documentation", {
  skip: noBrowser,
}, async (t) => {
  const page = await (await openBrowser(t)).newPage({ viewport: { width: 800, height: 600 } });
  const complaints = collectComplaints(page);
  const refusal = await usher.send("GET", "/auth/me");
  await page.goto(new URL(new URL(refusal.body.type).pathname, usher.url).href);
  await page.getByRole("heading", { name: refusal.body.title }).waitFor();
  await page.getByRole("heading", { name: "How to mend it" }).waitFor();
  await page.getByText("unauthenticated", { exact: true }).waitFor();
  await shoot(page, "error-page");
  const family = await page.evaluate("getComputedStyle(document.body).fontFamily");
  assert.match(String(family), /system-ui/, "the style is applied");
  assert.equal(await page.getByRole("link", { name: "API documentation" }).getAttribute("href"), "/docs");
  assert.deepEqual(complaints, []);
});

test("the page after a verification thanks and promises nothing", { skip: noBrowser }, async (t) => {
  const page = await (await openBrowser(t)).newPage({ viewport: { width: 390, height: 844 } });
  const complaints = collectComplaints(page);
  await page.goto(`${usher.url}/ekyc/return?session=1`);
  await page.getByRole("heading", { name: "Thank you" }).waitFor();
  await shoot(page, "return");
  assert.doesNotMatch(await page.innerText("body"), /approved|verified|success/i);
  assert.deepEqual(complaints, []);
});

test("a mailed code is found in the mailbox page", { skip: noBrowser }, async (t) => {
  const { email } = await usher.register();
  const code = await usher.newestCode(email);
  const page = await (await openBrowser(t)).newPage({ viewport: { width: 800, height: 700 } });
  const complaints = collectComplaints(page);
  await page.goto(`${usher.url}/sandbox/mailbox`);
  await page.getByText(code, { exact: true }).waitFor();
  await shoot(page, "mailbox");
  await page.getByRole("link", { name: "Your confirmation code" }).click();
  await page
    .getByText(`to ${email}`)
    .or(page.getByText(email, { exact: true }))
    .first()
    .waitFor();
  await shoot(page, "message");
  assert.deepEqual(complaints, []);
});

test("the printed admin link gives an access token once, and says so the second time", {
  skip: noBrowser,
}, async (t) => {
  const browser = await openBrowser(t);
  const use = async (name: string) => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(usher.url + new URL(usher.adminLink).pathname + new URL(usher.adminLink).hash);
    assert.ok(!page.url().includes("#"), "the token leaves the address bar");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.locator("#out:not([hidden])").waitFor();
    await shoot(page, name);
    return page.innerText("#out");
  };
  const first = await use("admin");
  assert.match(first, /^ADMIN=eyJ/);
  const listed = await usher.send("GET", "/users/list", { token: first.replace("ADMIN=", "") });
  assert.equal(listed.status, 200);
  assert.match(await use("admin-again"), /does not count/);
});

test("the admin link asks for the second factor of an admin who has one", { skip: noBrowser }, async (t) => {
  const own = await startUsher();
  t.after(() => own.stop());
  const token = await own.logInAdmin();
  const { userId } = (await own.send("GET", "/auth/me", { token })).body;
  const { secret } = await enrolApp(own, { userId, token, email: "", id: 1, refreshToken: "" });
  own.clock.advanceSeconds(30);
  const restarted = await startSecond(own);
  t.after(() => restarted.stop());
  const page = await (await openBrowser(t)).newPage();
  await page.goto(`${own.url}/sandbox/admin${new URL(restarted.adminLink).hash}`);
  await page.click("#go");
  await page.getByText("a second factor is asked for").waitFor();
  await page.fill("[name=code]", codeOf(secret, own.clock.now()));
  await page.press("[name=code]", "Enter");
  await page.getByText(/^ADMIN=eyJ/).waitFor();
});

test("no page may be framed, guessed at, or kept by a proxy that holds secrets", async () => {
  for (const path of ["/docs/", "/docs/errors/forbidden", "/ekyc/return", "/sandbox/mailbox", "/sandbox/admin"]) {
    const { status, headers } = await usher.send("GET", path);
    assert.equal(status, 200, path);
    const policy = headers.get("content-security-policy") ?? "";
    assert.match(policy, /default-src 'none'/, path);
    assert.match(policy, /frame-ancestors 'none'/, path);
    assert.doesNotMatch(policy, /script-src[^;]*'unsafe/, path);
    assert.equal(headers.get("x-content-type-options"), "nosniff", path);
    assert.match(headers.get("referrer-policy") ?? "", /no-referrer/, path);
  }
});

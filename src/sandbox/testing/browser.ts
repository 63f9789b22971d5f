import { existsSync } from "node:fs";
import type { TestContext } from "node:test";
import { type Browser, chromium, type Page } from "playwright-core";

const EXECUTABLE = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";

/** Why browser tests cannot run here, or false. On CI a missing browser is an error, not a reason to skip. */
export const noBrowser: string | false =
  existsSync(EXECUTABLE) || process.env.CI ? false : `no Chromium at ${EXECUTABLE}; set CHROMIUM_PATH`;

/** A real Chromium that is closed after the test. */
export async function openBrowser(t: TestContext): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: EXECUTABLE,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  t.after(() => browser.close());
  return browser;
}

/** Collects everything the page complains about: errors, violations of its policy, failed requests. */
export function collectComplaints(page: Page): string[] {
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(`pageerror: ${error.message}`));
  page.on("requestfailed", (request) => complaints.push(`requestfailed: ${request.method()} ${request.url()}`));
  return complaints;
}

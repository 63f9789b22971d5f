import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { startUsher, type TestUsher } from "./harness.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

let usher: TestUsher;
before(async () => {
  usher = await startUsher({ USHER_ROLE: "all" });
});
after(() => usher.stop());

/** The block marked as bash under a heading, for the addresses of this test. */
function readJourney(heading: string, { url, sandbox } = usher): string {
  const section = readme.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? "";
  const blocks = [...section.matchAll(/^```bash\n(.*?)^```$/gms)].map((match) => match[1] ?? "");
  assert.equal(blocks.length, 1, `there is one journey under "${heading}"`);
  return (blocks[0] ?? "")
    .replaceAll("http://localhost:8080", url.replace("127.0.0.1", "localhost"))
    .replaceAll("http://localhost:8081", sandbox.veriff.url);
}

/** What a block prints when it is pasted as a whole; an error in any line ends it. */
async function runJourney(heading: string, environment: Record<string, string> = {}, on = usher): Promise<string> {
  const args = ["--norc", "-euo", "pipefail", "-c", readJourney(heading, on)];
  const env = { ...process.env, ...environment };
  const { stdout, stderr } = await promisify(execFile)("bash", args, { cwd: new URL("../", import.meta.url), env });
  assert.equal(stderr, "");
  return stdout.trimEnd();
}

const cleared = /"status":200\}$/;
const [byPassword, byWallet, asService] = ["From sign-up to verified", "With a wallet", "As a service"];

test("the README's journey, run as one block, ends in status 200", async () => {
  const printed = await runJourney(byPassword);
  assert.match(printed, cleared);
  assert.match(printed, /"status":50,/, "before the verification the gate says registered");
  const shown = /^\{"isEmailVerified".*\}$/m.exec(readme)?.[0];
  assert.equal(printed.split("\n").at(-1), shown, "the README shows the last line as it is");
});

test("the README's journey, typed line by line, ends in status 200, and a second time as well", async () => {
  for (const _run of ["first", "second"]) {
    // Without a script, bash reads its standard input one line after the other, as from a terminal.
    const bash = spawn("bash", ["--norc"], { stdio: ["pipe", "pipe", "inherit"] });
    bash.stdin.end(readJourney(byPassword));
    assert.match((await text(bash.stdout)).trimEnd(), cleared);
  }
});

test("the README's journey ends in status 200 with Cognito's double as well", async (t) => {
  const own = await startUsher({ USHER_ROLE: "all", IDENTITY_PROVIDER: "cognito" });
  t.after(() => own.stop());
  assert.match(await runJourney(byPassword, {}, own), cleared);
});

test("the README's journey by wallet prints what stands below it", async () => {
  assert.ok(readme.includes(`\`\`\`\n${await runJourney(byWallet)}\n\`\`\``));
});

test("the README's journey as a service prints what stands below it", async () => {
  const ADMIN = await usher.logInAdmin();
  const person = await usher.createPerson();
  const before = Number(/people: (\d+)/.exec(await runJourney(asService, { ADMIN }))?.[1]);
  assert.equal((await usher.send("POST", "/ekyc/me/sessions", { token: person.token })).status, 200);
  const printed = await runJourney(asService, { ADMIN });
  assert.equal(Number(/people: (\d+)/.exec(printed)?.[1]), before + 1, "the session that was started is seen");
  assert.ok(readme.includes(`\n${printed.replace(/people: \d+/, "people: 1")}\n\`\`\``), printed);
});

const root = new URL("../", import.meta.url);
const pages = [
  ...["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "GLOSSARY.md", "SECURITY.md"],
  ...readdirSync(new URL("docs/decisions/", root)).map((name) => `docs/decisions/${name}`),
];

for (const page of pages) {
  test(`${page} links to pages and names files that are there`, () => {
    const written = readFileSync(new URL(page, root), "utf8");
    const links = [...written.matchAll(/\]\(([^)#:]+)\)/g)].map(([, path = ""]) => new URL(path, new URL(page, root)));
    const files = [...written.matchAll(/`((?:src|test|docs|bench|migrations)\/[\w./-]+)`/g)].map(
      ([, path = ""]) => new URL(path, root),
    );
    const missing = [...links, ...files].filter((url) => !existsSync(url)).map((url) => url.pathname);
    assert.deepEqual(missing, []);
  });
}

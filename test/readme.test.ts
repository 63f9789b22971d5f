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

/** The one block that is marked as bash, for the addresses of this test. */
function readJourney(): string {
  const blocks = [...readme.matchAll(/^```bash\n(.*?)^```$/gms)].map((match) => match[1] ?? "");
  assert.equal(blocks.length, 1, "the journey is the README's only bash block");
  return (blocks[0] ?? "")
    .replaceAll("http://localhost:8080", usher.url)
    .replaceAll("http://localhost:8081", usher.sandbox.veriff.url);
}

const cleared = /"status":200\}$/;

test("the README's journey, run as one block, ends in status 200", async () => {
  const { stdout, stderr } = await promisify(execFile)("bash", ["--norc", "-euo", "pipefail", "-c", readJourney()]);
  assert.equal(stderr, "");
  assert.match(stdout.trimEnd(), cleared);
  assert.match(stdout, /"status":50,/, "before the verification the gate says registered");
  const printed = /^\{"isEmailVerified".*\}$/m.exec(readme)?.[0];
  assert.equal(stdout.trimEnd().split("\n").at(-1), printed, "the README shows the last line as it is");
});

test("the README's journey, typed line by line, ends in status 200, and a second time as well", async () => {
  for (const _run of ["first", "second"]) {
    // Without a script, bash reads its standard input one line after the other, as from a terminal.
    const bash = spawn("bash", ["--norc"], { stdio: ["pipe", "pipe", "inherit"] });
    bash.stdin.end(readJourney());
    assert.match((await text(bash.stdout)).trimEnd(), cleared);
  }
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

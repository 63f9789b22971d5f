import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { verifyJournal } from "../src/features/journal/index.ts";
import { signedHeaders } from "../src/sandbox/veriff/signature.ts";
import { type Dump, dumpDatabase, findInDump } from "./database-content.ts";
import { type Answer, type SendOptions, startUsher, type TestUsher } from "./harness.ts";

/** Values found nowhere else, so that a hit is a leak. */
const canary = {
  email: `kanarienpost.${process.pid}@example.com`,
  otherEmail: `kanarienneffe.${process.pid}@example.com`,
  fname: "Zebulonkanarie",
  lname: "Quixotewitz",
  newName: "Zephyrinekanarie",
  password: "Kanarienvogel-im-Bergwerk-93!",
  wrongPassword: "Kanarienvogel-am-Himmel-94?",
  newPassword: "Kanarienvogel-im-Kaefig-95+",
  phone: "+2348031122337",
  address: "77 Kanariengasse",
  city: "Kanarienstadt",
  date_of_birth: "1987-03-19",
  id_number: "KNR93847561",
  additional_id_number: "QXZ55501234",
  newIdNumber: "KNR11122233",
  operatorsReason: "Kanariengrund: rief aus Sansibar an",
  forged: "Kanarienfaelschung",
};

/** Numbers, secrets and reasons rest nowhere in clear, not even in the person's own record. */
const nowhere = [
  "password",
  "wrongPassword",
  "newPassword",
  "id_number",
  "additional_id_number",
  "newIdNumber",
  "operatorsReason",
  "forged",
] as const;

let usher: TestUsher;
const logLines: string[] = [];
const answers: { about: string; answer: Answer }[] = [];
/** Codes, tokens and the like that were in somebody's hands on the way. */
const secrets: string[] = [];
const codes: string[] = [];
let admin: string;
let userId: string;
let id: number;
let token: string;
let dump: Dump;
let metrics: string;

async function send(method: string, path: string, options: SendOptions = {}): Promise<Answer> {
  const answer = await usher.send(method, path, options);
  answers.push({ about: `${method} ${path}`, answer });
  return answer;
}

before(async () => {
  usher = await startUsher({}, { logLines });
  admin = await usher.logInAdmin();
  secrets.push(admin);
  await signUp();
  await misuse();
  await verify();
  await operate();
  await usher.jobs.drain();
  await usher.sealer.sealNow();
  dump = await dumpDatabase(usher.ownerUrl);
  metrics = (await usher.send("GET", "/metrics")).text;
});
after(() => usher.stop());

const registration = {
  email: canary.email,
  fname: canary.fname,
  lname: canary.lname,
  password: canary.password,
  date_of_birth: canary.date_of_birth,
  phone_number: canary.phone,
  address: canary.address,
  country: "NG",
  id_type: "passport",
  id_number: canary.id_number,
  additional_id_type: "national_id",
  additional_id_number: canary.additional_id_number,
};
const onceKey = { "idempotency-key": "registration-of-the-canary" };

async function signUp(): Promise<void> {
  const registered = await send("POST", "/users/register", { body: registration, headers: onceKey });
  assert.equal(registered.status, 201, registered.text);
  ({ user_id: userId, id } = registered.body.user);
  const email = canary.email;
  codes.push(await usher.newestCode(email));
  await send("POST", "/users/confirm", { body: { email, confirmation_code: "000000" } });
  const confirmed = await send("POST", "/users/confirm", { body: { email, confirmation_code: codes[0] } });
  assert.equal(confirmed.status, 200, confirmed.text);
  await send("POST", "/auth/login", { body: { email, password: canary.wrongPassword } });
  await send("POST", "/auth/forgot-password", { body: { email } });
  codes.push(await usher.newestCode(email));
  const reset = await send("POST", "/auth/reset-password", {
    body: { email, confirmation_code: codes[1], new_password: canary.newPassword },
  });
  assert.equal(reset.status, 200, reset.text);
  const { body: first } = await send("POST", "/auth/login", { body: { email, password: canary.newPassword } });
  const { body: second } = await send("POST", "/auth/refresh", { body: { refreshToken: first.refreshToken } });
  token = second.accessToken;
  secrets.push(first.accessToken, first.refreshToken, second.accessToken, second.refreshToken);
  const changed = await send("PUT", `/users/${userId}`, {
    token,
    body: { city: canary.city, fname: canary.newName, id_number: canary.newIdNumber },
  });
  assert.equal(changed.status, 200, changed.text);
}

/** Every error that can be had by putting personal data where it does not belong. */
async function misuse(): Promise<void> {
  for (const value of Object.values(canary)) {
    const inUrl = encodeURIComponent(value);
    await send("GET", `/users/${inUrl}`, { token });
    await send("GET", `/users/${inUrl}`, { token: admin });
    await send("GET", `/User/${inUrl}/status?explain=${inUrl}`, { token: admin });
    await send("GET", `/users/list?q=${inUrl}&status=${inUrl}`, { token: admin });
    await send("GET", `/users/list?last_evaluated_key=${inUrl}`, { token: admin });
    await send("GET", `/${inUrl}`);
    await send("POST", "/users/confirm", { body: { email: canary.email, confirmation_code: value } });
    await send("POST", "/auth/refresh", { body: { refreshToken: value } });
    await send("POST", "/auth/login-link", { body: { token: value } });
    await send("POST", "/users/register", {
      body: { ...registration, phone_number: value, country: value, date_of_birth: value, id_type: value },
    });
    await send("POST", "/users/register", { raw: `{"email": "${value}", ${value}}` });
    await send("POST", "/ekyc/me/sessions", { token, body: { callback: value } });
    await send("POST", "/organizations", {
      token: admin,
      body: { name: "Org" },
      headers: { "idempotency-key": encodeURIComponent(value).repeat(20) },
    });
    await send("GET", "/auth/me", {
      headers: {
        authorization: `Basic ${Buffer.from(value).toString("base64")}`,
        "x-forwarded-for": value.replace(/[^\x20-\x7e]/g, ""),
      },
    });
    await send("PUT", `/users/${userId}`, {
      token,
      body: { phone_number: `${value}x`, country: "ZZ" },
      headers: { "if-match": `"${encodeURIComponent(value)}"` },
    });
  }
  for (const secret of secrets) await send("GET", "/auth/me", { token: `${secret}x` });
  await send("POST", "/users/register", { body: registration });
  await send("POST", "/users/register", { body: { ...registration, lname: "Other" }, headers: onceKey });
  await send("POST", "/users/webhook-kyc", {
    body: { vendorData: canary.email, person: { firstName: canary.forged } },
  });
  const stray = JSON.stringify({
    id: randomUUID(),
    action: "started",
    code: 7001,
    vendorData: canary.email,
    feature: canary.forged,
    attemptId: randomUUID(),
  });
  await send("POST", "/users/webhook-kyc", { raw: stray, headers: signedHeaders(usher.sandbox.veriff, stray) });
}

async function verify(): Promise<void> {
  const started = await send("POST", "/ekyc/me/sessions", { token, body: {} });
  assert.equal(started.status, 200, started.text);
  secrets.push(started.body.url, started.body.sessionToken);
  await usher.playVeriff(started.body.id, "start");
  await usher.playVeriff(started.body.id, "submit");
  await usher.playVeriff(started.body.id, "approve");
  const gate = await send("GET", `/User/${id}/status?explain=true`, { token: admin });
  assert.equal(gate.body.status, 200, gate.text);
}

async function operate(): Promise<void> {
  const reason = canary.operatorsReason;
  const role = await send("PUT", `/users/${userId}/role`, { token: admin, body: { role: "freelancer", reason } });
  assert.equal(role.status, 200, role.text);
  const blocked = await send("PUT", `/users/${userId}/status`, { token: admin, body: { status: "blocked", reason } });
  assert.equal(blocked.status, 200, blocked.text);
  await send("GET", "/auth/me", { token });
  await send("PUT", `/users/${userId}/status`, { token: admin, body: { status: "active", reason } });
  await send("PUT", `/users/${userId}/status`, { token: admin, body: { status: "sandbox", reason } });
  const timeline = await send("GET", `/users/${userId}/timeline?limit=100`, { token: admin });
  assert.ok(timeline.text.includes(reason), "operators can read what is sealed in the journal");
}

/** Codes as words of their own: six digits also stand in hashes and times. */
const hasCode = (text: string, code: string) => new RegExp(`(?<![\\w.+-])${code}(?![\\w.+-])`).test(text);

function assertNoCanary(text: string, about: string, except: readonly string[] = []): void {
  const readable = text.toLowerCase();
  for (const [name, value] of Object.entries(canary)) {
    if (except.includes(name)) continue;
    for (const form of [value, encodeURIComponent(value), Buffer.from(value).toString("base64").replace(/=+$/, "")]) {
      assert.ok(!readable.includes(form.toLowerCase()), `${name} stands in ${about}: ${text.slice(0, 300)}`);
    }
  }
  for (const secret of secrets) assert.ok(!text.includes(secret), `a token or link stands in ${about}`);
  for (const code of codes) assert.ok(!hasCode(text, code), `a code stands in ${about}`);
}

test("no log line says anything of the person, whatever went wrong", (t) => {
  assert.ok(logLines.length > 200, `${logLines.length} lines were captured`);
  for (const line of logLines) assertNoCanary(line, "the log");
  for (const line of logLines) assert.ok(!line.includes(userId), "paths are logged as patterns");
  t.diagnostic(
    `${logLines.length} log lines searched for ${Object.keys(canary).length} canaries, ${secrets.length} tokens and ${codes.length} codes`,
  );
});

test("no problem document repeats what was sent", (t) => {
  const refusals = answers.filter(({ answer }) => answer.status >= 400);
  assert.ok(refusals.length > 100);
  assert.ok(refusals.every(({ answer }) => answer.status < 500));
  for (const { about, answer } of refusals) {
    const inBody = answer.text + [...answer.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
    assertNoCanary(inBody, `the answer to ${about}`);
  }
  t.diagnostic(`${refusals.length} refusals searched`);
});

test("metrics name route patterns, never paths", () => {
  assertNoCanary(metrics, "the metrics");
  assert.ok(!metrics.includes(userId));
  assert.match(metrics, /route="\/users\/:user_id"/);
});

test("numbers, passwords, reasons, tokens and codes rest nowhere in clear", (t) => {
  for (const name of nowhere) assert.deepEqual(findInDump(dump, canary[name]), [], name);
  for (const secret of secrets) {
    assert.deepEqual(findInDump(dump, secret), [], "a token");
    const parts = secret.split(".");
    if (parts.length === 3) assert.deepEqual(findInDump(dump, parts[2] ?? ""), [], "a token's signature");
  }
  const withCodes = dump.filter(({ row }) => codes.some((code) => hasCode(row, code)));
  assert.deepEqual(
    withCodes.map(({ table }) => table),
    [],
  );
  t.diagnostic(`${dump.length} rows of ${new Set(dump.map(({ table }) => table)).size} tables searched`);
});

test("name, address, phone and e-mail stand in the person's own record, and in no other table", () => {
  for (const name of [
    "email",
    "fname",
    "lname",
    "newName",
    "phone",
    "address",
    "city",
    "date_of_birth",
    "otherEmail",
  ] as const) {
    const tables = [...new Set(findInDump(dump, canary[name]))];
    assert.ok(
      tables.every((table) => table === "public.users"),
      `${name} stands in ${tables}`,
    );
  }
  assert.deepEqual([...new Set(findInDump(dump, canary.email))], ["public.users"], "the search finds what is there");
  const tables = new Set(dump.map(({ table }) => table));
  for (const table of [
    "public.messages",
    "public.journal_entries",
    "public.webhook_deliveries",
    "public.oidc_records",
    "public.idempotency_keys",
    "public.kyc_sessions",
  ]) {
    assert.ok(tables.has(table), `${table} was filled by the journey`);
  }
  assert.ok(
    [...tables].some((table) => table.startsWith("pgboss.")),
    "jobs were looked at",
  );
});

test("document numbers are answered masked, to the person and to operators", async () => {
  const { body } = await usher.send("GET", `/users/${userId}`, { token: admin });
  assert.match(body.id_number, /^•+33$/);
  assert.match(body.additional_id_number, /^•+34$/);
});

test("after erasure nothing of the person is left but what the law asks for, sealed, and the gate answers Closed", async () => {
  const erased = await usher.send("DELETE", `/users/${userId}`, { token: admin });
  assert.equal(erased.status, 200, erased.text);
  const left = await dumpDatabase(usher.ownerUrl);
  for (const [name, value] of Object.entries(canary)) assert.deepEqual(findInDump(left, value), [], name);
  const rows = (table: string) =>
    left.filter((row) => row.table === `public.${table}` && row.row.includes(userId)).map(({ row }) => row);
  for (const table of [
    "identities",
    "one_time_secrets",
    "known_sources",
    "oidc_records",
    "organisation_members",
    "idempotency_keys",
  ]) {
    assert.deepEqual(rows(table), [], table);
  }
  assert.equal(rows("retained_records").length, 1);
  const keys = await usher.db
    .selectFrom("person_keys")
    .select(["wrapped_key", "destroyed_at"])
    .where("user_id", "=", userId)
    .execute();
  assert.ok(
    keys.length > 0 && keys.every(({ wrapped_key, destroyed_at }) => wrapped_key === null && destroyed_at !== null),
  );
  const gate = await usher.send("GET", `/User/${id}/status`, { token: admin });
  assert.deepEqual([gate.status, gate.body.status], [200, 350]);
  const shown = await usher.send("GET", `/users/${userId}`, { token: admin });
  assertNoCanary(shown.text, "the erased record");
  assert.equal(shown.body.lifecycle, "closed");
  const timeline = await usher.send("GET", `/users/${userId}/timeline?limit=100`, { token: admin });
  assertNoCanary(timeline.text, "the erased timeline");
  assert.ok(timeline.body.entries.some(({ action }: { action: string }) => action === "user.erased"));
});

test("a remembered answer is forgotten with the person: the same key and body register somebody new", async () => {
  const again = await usher.send("POST", "/users/register", { body: registration, headers: onceKey });
  assert.equal(again.status, 201, again.text);
  assert.notEqual(again.body.user.user_id, userId);
});

test("the journal still verifies after the erasure, and the e-mail address is free again", async () => {
  await usher.sealer.sealNow();
  const report = await verifyJournal({ db: usher.db }, {});
  assert.deepEqual([report.ok, report.firstBad], [true, undefined]);
  assert.ok(report.sealed > 10);
});

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createAuthenticator } from "./authenticator.ts";
import { type Dump, dumpDatabase, findInDump } from "./database-content.ts";
import { type Answer, type SendOptions, startUsher, type TestUsher } from "./harness.ts";
import { beginLogIn, enrolApp, logInWithApp } from "./second-factor-people.ts";

const phone = "+2348031277331";
const logLines: string[] = [];
/** Everything that was secret on the way, by what it is. */
const secrets: Record<string, string> = {};
const problems: string[] = [];
let usher: TestUsher;
let dump: Dump;
let metrics: string;

async function send(method: string, path: string, options: SendOptions = {}): Promise<Answer> {
  const answer = await usher.send(method, path, options);
  if (answer.status >= 400) problems.push(answer.text);
  return answer;
}

before(async () => {
  usher = await startUsher({}, { logLines });
  const enrolled = await enrolApp(usher, await usher.createPerson({ phone_number: phone }));
  const path = `/users/${enrolled.userId}`;
  const token = enrolled.token;
  await send("POST", `${path}/phone/send-code`, { token });
  secrets["phone code"] = await usher.newestCode(phone);
  await send("POST", `${path}/phone/verify`, { token, body: { code: "000000" } });
  await send("POST", `${path}/phone/verify`, { token, body: { code: secrets["phone code"] } });
  const demand = await beginLogIn(usher, enrolled.email);
  const wrong = { challenge: demand.challenge, recovery_code: "kanarien-kanarien" };
  await send("POST", "/auth/login/second-factor", { body: wrong });
  secrets["a wrong recovery code"] = wrong.recovery_code;
  const used = { challenge: demand.challenge, recovery_code: enrolled.recoveryCodes[0] };
  assert.equal((await send("POST", "/auth/login/second-factor", { body: used })).status, 200);
  const person = await logInWithApp(usher, enrolled);
  const begun = await send("POST", `${path}/sca`, { token: person.token, body: { method: "passkey" } });
  const authenticator = createAuthenticator("https://kanarien.example");
  const passkey = authenticator.create(begun.body.passkey);
  await send("POST", `${path}/sca/verify`, { token: person.token, body: { challenge: begun.body.challenge, passkey } });
  const app = await send("POST", `${path}/sca`, { token: person.token, body: { method: "totp" } });
  secrets["an app's secret that is enrolled"] = enrolled.secret;
  secrets["an app's secret that is not proven yet"] = app.body.secret;
  secrets["a used recovery code"] = enrolled.recoveryCodes[0] ?? "";
  secrets["a recovery code"] = enrolled.recoveryCodes[1] ?? "";
  secrets["a challenge"] = String(demand.challenge).split(".")[1] ?? "";
  secrets["a challenge of an enrolment"] = begun.body.challenge;
  secrets["a foreign origin"] = "kanarien.example";
  // In a query string, where it does not belong.
  await send("GET", `/questionnaire?code=${secrets["a recovery code"]}&secret=${enrolled.secret}`, { token });
  await usher.jobs.drain();
  await usher.sealer.sealNow();
  dump = await dumpDatabase(usher.ownerUrl);
  metrics = (await usher.send("GET", "/metrics")).text;
});
after(() => usher.stop());

test("secrets of second factors and phone codes rest nowhere in clear", () => {
  for (const [what, secret] of Object.entries(secrets)) {
    assert.ok(secret.length >= 6, what);
    // Six digits may stand in a time or a number by chance; they are looked for where codes would be.
    const tables = findInDump(dump, secret).filter(
      (table) =>
        what !== "phone code" || ["messages", "one_time_secrets", "pgboss.job"].some((name) => table.includes(name)),
    );
    assert.deepEqual(tables, [], what);
  }
});

test("no log line, problem document, metric or job holds a secret or the phone number", () => {
  const places = { log: logLines.join("\n"), problems: problems.join("\n"), metrics };
  for (const [what, secret] of Object.entries({ ...secrets, phone, "phone without +": phone.slice(1) })) {
    for (const [place, text] of Object.entries(places))
      if (what !== "phone code") assert.equal(text.includes(secret), false, `${what} in ${place}`);
  }
  const jobs = dump.filter(({ table }) => table.startsWith("pgboss.")).map(({ row }) => row);
  assert.ok(jobs.length > 0);
  assert.equal(jobs.join("\n").includes(phone.slice(1)), false);
});

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { permissionNames } from "../src/features/access/index.ts";
import { callers, type Row, type SubjectKind, serviceCell, services, subjects, table } from "./access-table.ts";
import { type Answer, type Person, startUsher, type TestUsher } from "./harness.ts";
import { listMountedRoutes } from "./mounted-routes.ts";
import { assertProblem } from "./problem.ts";

const nobody = "01900000-0000-7000-8000-00000000dead";

type Caller = (typeof callers)[number] | (typeof services)[number];
type Place = { user_id: string; id: number; org_id: string };

let usher: TestUsher;
let tokens: Record<Caller, string | undefined>;
let own: Record<Caller, Place>;
let elsewhere: Record<"same" | "other" | "missing", Place>;

before(async () => {
  usher = await startUsher();
  const operator = await usher.logInAdmin();
  const self = (await usher.send("GET", "/auth/me", { token: operator })).body;
  const memberAdmin = await usher.createPerson({ org_name: "Here" });
  const { org_id } = (await usher.send("GET", `/users/${memberAdmin.userId}`, { token: memberAdmin.token })).body;
  const foreignAdmin = await usher.createPerson({ org_name: "There" });
  const foreign = (await usher.send("GET", `/users/${foreignAdmin.userId}`, { token: foreignAdmin.token })).body;
  const [user, colleague, stranger, gone] = [
    await usher.createPerson({ org_id }),
    await usher.createPerson({ org_id }),
    await usher.createPerson(),
    await usher.createPerson({ org_id }),
  ];
  const deactivated = await usher.send("PUT", `/users/${gone.userId}/deactivate`, {
    token: operator,
    body: { updated_by: self.userId },
  });
  assert.equal(deactivated.status, 200, deactivated.text);
  const place = (person: Pick<Person, "userId" | "id">, org: string): Place => ({
    user_id: person.userId,
    id: person.id,
    org_id: org,
  });
  tokens = {
    anonymous: undefined,
    "bad token": `${user.token.slice(0, -4)}AAAA`,
    deactivated: gone.token,
    user: user.token,
    "member admin": memberAdmin.token,
    "foreign admin": foreignAdmin.token,
    operator,
    service: await usher.createServiceToken(operator, permissionNames),
    "bare service": await usher.createServiceToken(operator, []),
  };
  const here = place(user, org_id);
  own = {
    anonymous: here,
    "bad token": here,
    deactivated: place(gone, org_id),
    user: here,
    "member admin": place(memberAdmin, org_id),
    "foreign admin": place(foreignAdmin, foreign.org_id),
    operator: place({ userId: self.userId, id: self.id }, org_id),
    service: here,
    "bare service": here,
  };
  elsewhere = {
    same: place(colleague, org_id),
    other: place(stranger, foreign.org_id),
    missing: { user_id: nobody, id: 2_147_483_647, org_id: nobody },
  };
});
after(() => usher.stop());

/** The organisation that is "other" to the foreign admin is the one that is "own" to everybody else. */
function placeOf(caller: Caller, subject: string): Place {
  if (subject === "own" || subject === "-") return own[caller];
  if (subject === "other" && caller === "foreign admin") return { ...elsewhere.other, org_id: own.user.org_id };
  return elsewhere[subject as keyof typeof elsewhere];
}

function ask(row: Row, caller: Caller, subject: string, method?: string): Promise<Answer> {
  const [verb = "", pattern = ""] = row.route.split(" ");
  const place = placeOf(caller, subject);
  const values: Record<string, string> = {
    user_id: place.user_id,
    userId: place.user_id,
    identity_id: nobody,
    address: `0x${"0".repeat(40)}`,
    email: "free@example.com",
    client_id: "svc-nobody",
    id: pattern.startsWith("/sandbox") ? nobody : String(place.id),
    org_id: place.org_id,
    code: "forbidden",
    delivery_id: nobody,
  };
  const path = pattern.replace(/:(\w+)/g, (_all, name: string) => values[name] ?? "");
  const body = JSON.parse(JSON.stringify(row.body ?? null).replace("(own)", own.operator.user_id));
  return usher.send(method ?? verb, path, {
    ...(row.body === undefined ? {} : { body }),
    token: tokens[caller],
    headers: verb === "GET" ? {} : { "if-match": '"stale"' },
  });
}

/** What the table expects, cell by cell. */
function* cells(row: Row): Generator<{ caller: Caller; subject: string; expected: number }> {
  const kinds: readonly string[] = subjects[row.subject as SubjectKind];
  const expectations: [Caller, string][] = [
    ...callers.map((caller, index): [Caller, string] => [caller, row.cells[index] ?? ""]),
    ...services.map((caller): [Caller, string] => [caller, serviceCell(row, caller)]),
  ];
  for (const [caller, cell] of expectations) {
    const statuses = cell.split(" ");
    assert.ok(
      statuses.length === 1 || statuses.length === kinds.length,
      `${row.route}, ${caller}: one status, or one for each subject`,
    );
    for (const [position, subject] of kinds.entries()) {
      yield { caller, subject, expected: Number(statuses[statuses.length === 1 ? 0 : position]) };
    }
  }
}

test("every mounted route has a reviewed row in the access table, and no row is without a route", () => {
  const mounted = listMountedRoutes(usher.app);
  assert.ok(mounted.length > 40, "the router told its routes");
  const rows = table.map(({ route }) => route);
  assert.deepEqual(
    rows.filter((route, index) => rows.indexOf(route) !== index),
    [],
  );
  assert.deepEqual(
    mounted.filter((route) => !route.startsWith("HEAD ") && !rows.includes(route)),
    [],
    "routes without a row",
  );
  assert.deepEqual(
    rows.filter((route) => !mounted.includes(route)),
    [],
    "rows without a route",
  );
  const heads = mounted.filter((route) => route.startsWith("HEAD "));
  assert.deepEqual(
    heads.filter((route) => !rows.includes(route.replace("HEAD", "GET"))),
    [],
  );
});

test("every route answers every kind of caller about every kind of subject as the table says", async (t) => {
  let checked = 0;
  const wrong: string[] = [];
  for (const row of table) {
    for (const { caller, subject, expected } of cells(row)) {
      const answer = await ask(row, caller, subject);
      if (answer.status !== expected)
        wrong.push(
          `${row.route}: ${caller} on ${subject}: ${answer.status}, not ${expected}: ${answer.text.slice(0, 150)}`,
        );
      else if ([401, 403].includes(expected)) assertProblem(answer, { status: expected }, row.route);
      checked += 1;
    }
  }
  t.diagnostic(`${checked} cells of ${table.length} routes checked`);
  assert.deepEqual(wrong, []);
});

test("HEAD is decided like GET", async (t) => {
  let checked = 0;
  for (const row of table.filter(({ route }) => route.startsWith("GET "))) {
    for (const { caller, subject, expected } of cells(row)) {
      assert.equal(
        (await ask(row, caller, subject, "HEAD")).status,
        expected,
        `HEAD for ${row.route}: ${caller} on ${subject}`,
      );
      checked += 1;
    }
  }
  t.diagnostic(`${checked} cells checked`);
});

test("a denial tells nothing about existence: strangers, other organisations and nobody are refused in the same words", async () => {
  const said = ({ body }: Answer) => ({ ...body, instance: "", traceId: "" });
  let compared = 0;
  for (const row of table.filter(({ subject }) => subject !== "none")) {
    for (const caller of ["user", "member admin", "foreign admin"] as const) {
      const missing = await ask(row, caller, "missing");
      if (missing.status !== 403) continue;
      const other = await ask(row, caller, "other");
      assert.deepEqual(said(other), said(missing), `${row.route} ${caller}`);
      assert.deepEqual([...other.headers.keys()].sort(), [...missing.headers.keys()].sort());
      compared += 1;
    }
  }
  assert.ok(compared >= 30, `${compared} pairs compared`);
});

test("a denial names what is missing, and a deactivated person learns why", async () => {
  const forbidden = await usher.send("PUT", `/users/${nobody}/role`, { token: tokens.user, body: {} });
  assertProblem(forbidden, { status: 403, code: "forbidden" });
  assert.match(forbidden.body.detail, /internal-admin/);
  const gate = await usher.send("GET", `/User/${elsewhere.same.id}/status`, { token: tokens.user });
  assertProblem(gate, { status: 403, code: "forbidden" });
  assert.match(gate.body.detail, /users\.status\.get/);
  const gone = await usher.send("GET", `/User/${own.deactivated.id}/status`, { token: tokens.deactivated });
  assertProblem(gone, { status: 401, code: "account-inactive" });
});

test("status changes and the inbox are for internal-admins by rule, not by role name or claim", async () => {
  const rights = { role: "admin", type: "org-admin", reason: "test" };
  const raised = await usher.send("PUT", `/users/${elsewhere.same.user_id}/role`, {
    token: tokens.operator,
    body: rights,
  });
  assert.equal(raised.status, 200, raised.text);
  const { email } = raised.body.user;
  const { token } = await usher.logIn(email);
  for (const row of table.filter(
    ({ cells: [, , , user, , , operatorCell] }) => user === "403" && operatorCell !== "403",
  )) {
    if (row.subject === "organisation") continue;
    const [verb = "", pattern = ""] = row.route.split(" ");
    const path = pattern.replace(/:\w+/g, nobody);
    const answer = await usher.send(verb, path, { token, ...(row.body === undefined ? {} : { body: row.body }) });
    assert.equal(answer.status, 403, `${row.route}: a type below internal-admin`);
  }
});

test("rights are read on every request: a role taken away counts at once, with the same token", async () => {
  const person = await usher.createPerson();
  const grant = (type: string, role: string) =>
    usher.send("PUT", `/users/${person.userId}/role`, { token: tokens.operator, body: { role, type, reason: "test" } });
  const list = () => usher.send("GET", "/users/list", { token: person.token });
  assert.equal((await list()).status, 403);
  assert.equal((await grant("internal-admin", "admin")).status, 200);
  assert.equal((await list()).status, 200);
  assert.equal((await grant("user", "retail")).status, 200);
  assert.equal((await list()).status, 403);
});

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import pg from "pg";
import {
  findMove,
  type LifecycleEvent,
  lifecycleEvents,
  type Mover,
  toGateCode,
  toPcxStatus,
  type UserStatus,
  userStatuses,
} from "../src/features/lifecycle/index.ts";
import { type Person, startUsher, type TestUsher } from "./harness.ts";
import { assertProblem } from "./problem.ts";

/**
 * What the domain's text allows, written down from it and not from the code's table: for each mover and event, from
 * which state to which. `held` is the state that deactivation or blocking interrupted. Everything else is illegal.
 */
type Moves = Partial<Record<LifecycleEvent, Partial<Record<UserStatus, UserStatus | "held">>>>;

const interruptible = ["pending", "not_verified", "pending_verification", "active", "rejected"] as const;
const all = <To extends UserStatus>(from: readonly UserStatus[], to: To) =>
  Object.fromEntries(from.map((status) => [status, to]));
const confirmed = { "email-confirmed": { pending: "not_verified" } } as const;
const closed = {
  closed: all(
    userStatuses.filter((status) => status !== "closed"),
    "closed",
  ),
};

const legal: Record<Mover, Moves> = {
  user: { ...confirmed, ...closed },
  system: { ...confirmed, ...closed },
  provider: {
    "verification-started": { not_verified: "pending_verification", rejected: "pending_verification" },
    "verification-approved": { not_verified: "active", pending_verification: "active", rejected: "active" },
    "verification-declined": { not_verified: "rejected", pending_verification: "rejected", active: "rejected" },
    "verification-expired": { pending_verification: "not_verified", rejected: "not_verified" },
    "provider-blocked": all(["not_verified", "pending_verification", "active", "rejected"], "blocked"),
    "provider-unblocked": { blocked: "held" },
  },
  operator: {
    ...confirmed,
    ...closed,
    "document-changed": { active: "pending_verification" },
    "set-not-verified": { pending_verification: "not_verified", rejected: "not_verified" },
    "set-pending-verification": all(["not_verified", "active", "rejected"], "pending_verification"),
    "set-active": all(["not_verified", "pending_verification", "rejected"], "active"),
    "set-rejected": all(["not_verified", "pending_verification", "active"], "rejected"),
    deactivated: all(interruptible, "inactive"),
    reactivated: { inactive: "held" },
    blocked: all(interruptible, "blocked"),
    unblocked: { blocked: "held" },
    "made-sandbox": { not_verified: "sandbox" },
    "left-sandbox": { sandbox: "not_verified" },
  },
};

test("every legal move is known and every other pair of state, event and mover is not", (t) => {
  let checked = 0;
  for (const mover of ["user", "system", "provider", "operator"] as const) {
    for (const event of lifecycleEvents) {
      for (const status of userStatuses) {
        const to = legal[mover][event]?.[status];
        const standing = { status, statusBefore: "rejected" as const, statusBy: "veriff" };
        const found = findMove(standing, { event, mover, name: mover === "provider" ? "veriff" : mover });
        assert.equal(found, to === "held" ? "rejected" : to, `${status}, ${event}, by ${mover}`);
        checked += 1;
      }
    }
  }
  t.diagnostic(`${checked} triples checked`);
});

test("a provider undoes only what it did itself, and an operator what anybody did", () => {
  const by = (statusBy: string | null) => ({ statusBefore: "active" as const, statusBy });
  const veriff = { mover: "provider", name: "veriff" } as const;
  const operator = { mover: "operator", name: "operator" } as const;
  for (const other of ["operator", "bridge", "system", null]) {
    assert.equal(
      findMove({ status: "rejected", ...by(other) }, { event: "verification-approved", ...veriff }),
      undefined,
    );
    assert.equal(findMove({ status: "blocked", ...by(other) }, { event: "provider-unblocked", ...veriff }), undefined);
    assert.equal(findMove({ status: "blocked", ...by(other) }, { event: "unblocked", ...operator }), "active");
    assert.equal(findMove({ status: "rejected", ...by(other) }, { event: "set-active", ...operator }), "active");
  }
});

test("only active answers 200 at the gate; what is unknown counts as not cleared; PCX sees its seven words", () => {
  const codes = Object.fromEntries(userStatuses.map((status) => [status, toGateCode(status)]));
  assert.deepEqual(codes, {
    pending: 50,
    not_verified: 50,
    sandbox: 50,
    pending_verification: 150,
    active: 200,
    inactive: 300,
    closed: 350,
    rejected: 400,
    blocked: 400,
  });
  for (const unknown of ["", "ACTIVE", "approved", "toString", "__proto__"])
    assert.notEqual(toGateCode(unknown), 200, unknown);
  assert.deepEqual(
    [toPcxStatus("closed"), toPcxStatus("blocked"), toPcxStatus("active")],
    ["inactive", "inactive", "active"],
  );
});

let usher: TestUsher;
let admin: string;
let person: Person;
let owner: pg.Client;
before(async () => {
  usher = await startUsher();
  admin = await usher.logInAdmin();
  person = await usher.createPerson();
  owner = new pg.Client({ connectionString: usher.ownerUrl });
  await owner.connect();
});
after(async () => {
  await owner.end();
  await usher.stop();
});

/** To which states an operator brings a user from each; `inactive` and `blocked` were `active` before. */
const reach: Record<UserStatus, readonly UserStatus[]> = {
  pending: ["inactive", "blocked", "closed"],
  not_verified: ["pending_verification", "active", "rejected", "sandbox", "inactive", "blocked", "closed"],
  sandbox: ["not_verified", "closed"],
  pending_verification: ["not_verified", "active", "rejected", "inactive", "blocked", "closed"],
  active: ["pending_verification", "rejected", "inactive", "blocked", "closed"],
  // Deactivation is lifted first, to what was held before, and from there the way goes on.
  inactive: ["active", "pending_verification", "rejected", "blocked", "closed"],
  closed: [],
  rejected: ["not_verified", "pending_verification", "active", "inactive", "blocked", "closed"],
  blocked: ["active", "closed"],
};

async function put(status: UserStatus): Promise<void> {
  const held = status === "inactive" || status === "blocked" ? "active" : null;
  const change = "update users set status = $1, status_before = $2, status_by = 'operator' where user_id = $3";
  await owner.query(change, [status, held, person.userId]);
}

/** The moves since a place in the journal, as `before → after`. */
async function movesSince(seq: string): Promise<string[]> {
  const { rows } = await owner.query<{ move: string }>(
    `select canonical::jsonb #>> '{changes,status,before}' || ' → ' || (canonical::jsonb #>> '{changes,status,after}') as move
     from journal_entries where seq > $1 and subject_id = $2 order by seq`,
    [seq, person.userId],
  );
  return rows.map(({ move }) => move);
}

async function lastSeq(): Promise<string> {
  return (
    (await owner.query<{ seq: string }>("select coalesce(max(seq), 0) as seq from journal_entries")).rows[0]?.seq ?? "0"
  );
}

async function check(endpoint: string, from: UserStatus, to: UserStatus, body: object): Promise<void> {
  const place = `${endpoint}: ${from} → ${to}`;
  await put(from);
  const seq = await lastSeq();
  const answer = await usher.send("PUT", `/users/${person.userId}/${endpoint}`, { token: admin, body });
  const moves = await movesSince(seq);
  if (reach[from].includes(to)) {
    assert.equal(answer.status, 200, `${place}: ${answer.text}`);
    assert.equal(answer.body.user.lifecycle, to, place);
    const through =
      from === "inactive" && to !== "active" && to !== "closed"
        ? ["inactive → active", `active → ${to}`]
        : [`${from} → ${to}`];
    assert.deepEqual(moves, through, `${place}: one entry a move`);
    return;
  }
  assertProblem(answer, { status: 409, code: "illegal-move" }, place);
  for (const state of [from, to])
    assert.match(answer.body.detail, new RegExp(`\\b${state}\\b`), `${place}: ${answer.body.detail}`);
  assert.deepEqual(moves, [], `${place}: nothing is recorded of a refused move`);
  const { rows } = await owner.query("select status from users where user_id = $1", [person.userId]);
  assert.equal(rows[0].status, from, place);
}

test("an operator makes every legal move and no other: all 81 pairs of states", async (t) => {
  let legalPairs = 0;
  for (const from of userStatuses) {
    for (const to of userStatuses) {
      await check("status", from, to, { status: to, reason: "walk" });
      legalPairs += Number(reach[from].includes(to));
    }
  }
  t.diagnostic(`81 pairs walked, ${legalPairs} legal`);
});

test("activate and deactivate follow the same table", async () => {
  const { userId } = (await usher.send("GET", "/auth/me", { token: admin })).body;
  for (const from of userStatuses) {
    for (const to of ["active", "pending_verification", "rejected", "not_verified"] as const)
      await check("activate", from, to, { status: to });
    await check("deactivate", from, "inactive", { updated_by: userId });
  }
});

test("reactivation returns to the state held before, and an unblocked user too", async () => {
  for (const held of ["not_verified", "pending_verification", "active", "rejected"] as const) {
    for (const interruption of ["inactive", "blocked"] as const) {
      await put(held);
      for (const status of [interruption, held]) {
        const answer = await usher.send("PUT", `/users/${person.userId}/status`, {
          token: admin,
          body: { status, reason: "there and back" },
        });
        assert.equal(answer.status, 200, `${held} → ${interruption} → ${held}: ${answer.text}`);
      }
      const { rows } = await owner.query("select status, status_before from users where user_id = $1", [person.userId]);
      assert.deepEqual(rows[0], { status: held, status_before: null });
    }
  }
});

test("losing access ends every log-in at once, and coming back needs a new one", async () => {
  for (const status of ["inactive", "blocked"] as const) {
    const other = await usher.createPerson();
    const move = (to: UserStatus) =>
      usher.send("PUT", `/users/${other.userId}/status`, { token: admin, body: { status: to, reason: "test" } });
    assert.equal((await move(status)).status, 200);
    assertProblem(await usher.send("GET", "/auth/me", { token: other.token }), {
      status: 401,
      code: `account-${status}`,
    });
    assertProblem(await usher.send("POST", "/auth/refresh", { body: { refreshToken: other.refreshToken } }), {
      status: 401,
    });
    assert.equal((await move("not_verified")).status, 200);
    assertProblem(await usher.send("GET", "/auth/me", { token: other.token }), {
      status: 401,
      code: "unauthenticated",
    });
    assertProblem(await usher.send("POST", "/auth/refresh", { body: { refreshToken: other.refreshToken } }), {
      status: 401,
    });
    await usher.logIn(other.email);
  }
});

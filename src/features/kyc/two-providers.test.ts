import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import type { UserRow } from "../users/index.ts";
import { decisionBody, type KycUnderTest, setUpKyc } from "./kyc-for-tests.ts";
import type { Verdict } from "./port.ts";
import { saidBySecond, verdictReport } from "./second-provider-for-tests.ts";
import type { SessionRow } from "./tables.ts";

/** One approval clears. */
let any: KycUnderTest;
/** Both have to approve. */
let both: KycUnderTest;
before(async () => {
  [any, both] = await Promise.all([setUpKyc(), setUpKyc({ requiredProviders: ["veriff", "bridge"] })]);
});
after(() => Promise.all([any.database.drop(), both.database.drop()]));

async function begin(room: KycUnderTest) {
  const user = await room.addUser();
  const veriff = await room.openSession(user);
  const bridge = await room.openSession(user, { provider: "bridge" });
  const stand = async () => {
    const found = await room.getUser(user.user_id);
    return [found.status, found.kyc_status, found.kyc_failure_reason];
  };
  return {
    user,
    stand,
    veriff: (verdict: "approved" | "declined" | "review" | "expired", n: number) =>
      room.deliver(decisionBody(veriff, verdict, n)),
    bridge: (verdict: Verdict, n: number) =>
      room.deliverSecond({
        eventId: randomUUID(),
        session: bridge.provider_session_id,
        report: verdictReport(verdict, n),
      }),
  };
}

test("where nobody is required, one approval clears, and another's refusal neither takes it away nor comes first", async () => {
  const [first, second] = [await begin(any), await begin(any)];
  await first.veriff("approved", 1);
  await first.bridge("declined", 2);
  await second.bridge("declined", 2);
  assert.deepEqual(await second.stand(), ["rejected", "declined", "Reason of declined 2"]);
  await second.veriff("approved", 1);
  for (const person of [first, second]) assert.deepEqual(await person.stand(), ["active", "approved", null]);
});

test("an approval that is taken back rejects, unless another's stands", async () => {
  const [alone, backed] = [await begin(any), await begin(any)];
  await alone.veriff("approved", 1);
  await alone.veriff("declined", 2);
  assert.deepEqual(await alone.stand(), ["rejected", "declined", "Suspected document tampering"]);
  await backed.veriff("approved", 1);
  await backed.bridge("approved", 1);
  await backed.veriff("declined", 2);
  assert.deepEqual(await backed.stand(), ["active", "approved", null]);
});

test("where both are required, one approval is not enough, and one refusal is too many", async () => {
  const person = await begin(both);
  await person.veriff("approved", 1);
  assert.deepEqual((await person.stand())[0], "pending_verification");
  await person.bridge("declined", 2);
  assert.deepEqual(await person.stand(), ["rejected", "declined", "Reason of declined 2"]);
  await person.bridge("approved", 3);
  assert.deepEqual(await person.stand(), ["active", "approved", null]);
  await person.veriff("declined", 4);
  assert.deepEqual(await person.stand(), ["rejected", "declined", "Suspected document tampering"]);
  await person.veriff("approved", 5);
  assert.deepEqual((await person.stand())[0], "active");
});

test("a refusal taken back while the other has not decided leads back to pending", async () => {
  const person = await begin(both);
  await person.veriff("declined", 1);
  await person.veriff("approved", 2);
  assert.deepEqual((await person.stand())[0], "pending_verification");
});

test("a block counts before every approval, is lifted by its provider only, and gives back what it interrupted", async () => {
  for (const room of [any, both]) {
    const person = await begin(room);
    await person.veriff("approved", 1);
    await person.bridge("approved", 2);
    await person.bridge("paused", 3);
    assert.deepEqual(await person.stand(), ["blocked", "paused", "Reason of paused 3"]);
    await person.veriff("approved", 4);
    assert.deepEqual((await person.stand())[0], "blocked");
    await person.bridge("approved", 5);
    assert.deepEqual(await person.stand(), ["active", "approved", null]);
    await person.bridge("offboarded", 6);
    await person.bridge("approved", 7);
    assert.deepEqual((await person.stand())[0], "blocked");
  }
});

test("while the block lasts the other provider refuses: what follows the block is the refusal", async () => {
  const person = await begin(both);
  await person.veriff("approved", 1);
  await person.bridge("approved", 1);
  await person.bridge("paused", 2);
  await person.veriff("declined", 3);
  assert.deepEqual((await person.stand())[0], "blocked");
  await person.bridge("approved", 4);
  assert.deepEqual(await person.stand(), ["rejected", "declined", "Suspected document tampering"]);
  assert.deepEqual(
    (await both.journalOf(person.user.user_id)).filter((action) => action.startsWith("user.")).slice(-2),
    ["user.provider-unblocked", "user.verification-declined"],
  );
});

test("an operator's rejection and block stand, whatever the providers say", async () => {
  for (const status of ["rejected", "blocked"] as const) {
    const person = await begin(any);
    const change = { status, status_by: "operator", status_before: "not_verified" };
    await any.kyc.db.updateTable("users").set(change).where("user_id", "=", person.user.user_id).execute();
    await person.bridge("paused", 1);
    await person.bridge("approved", 2);
    await person.veriff("approved", 3);
    // A provider may block whom an operator rejected; what comes back then is the operator's rejection.
    assert.deepEqual((await person.stand()).slice(0, 2), [status, "approved"]);
  }
});

test("a late event of one provider does not become what the user record says, while the other's approval stands", async () => {
  const person = await begin(any);
  await person.veriff("approved", 1);
  await person.bridge("in-review", 2);
  assert.deepEqual(await person.stand(), ["active", "approved", null]);
});

const deliveriesOf = (room: KycUnderTest, eventId: string) =>
  room.kyc.db.selectFrom("webhook_deliveries").selectAll().where("event_id", "=", eventId).execute();

test("a provider's event counts once by its name, though its copies differ in their bytes", async () => {
  const user = await any.addUser();
  const session = await any.openSession(user, { provider: "bridge" });
  const said = { eventId: "wh_1", session: session.provider_session_id, report: verdictReport("approved", 1) };
  await any.deliverSecond(said);
  const answers = await Promise.all([1, 2, 3, 4, 5].map((resent) => any.deliverSecond({ ...said, resent })));
  assert.ok(answers.every((answer) => answer.user?.lifecycle === "active"));
  const kept = await deliveriesOf(any, "wh_1");
  assert.deepEqual(
    kept.map(({ repeats, outcome }) => [repeats, outcome]),
    [[5, "applied"]],
  );
});

test("copies of an event that nobody is known for are kept once, however many come at once", async () => {
  for (const session of [null, randomUUID()]) {
    const said = { eventId: randomUUID(), session, report: verdictReport("approved", 1) };
    const processes = Array.from({ length: 64 }, (_, resent) => any.deliverSecond({ ...said, resent }));
    assert.ok((await Promise.all(processes)).every((answer) => answer.user === null));
    assert.deepEqual(
      (await deliveriesOf(any, said.eventId)).map(({ repeats }) => repeats),
      [63],
    );
  }
});

test("a signature that is too old is recorded and refused; the retry, signed anew over the same bytes, is taken in", async () => {
  const user = await any.addUser();
  const session = await any.openSession(user, { provider: "bridge" });
  const said = { eventId: "wh_stale", session: session.provider_session_id, report: verdictReport("approved", 1) };
  for (const _ of [1, 2]) {
    await assert.rejects(
      any.deliverSecond(said, "stale"),
      (error: { declaration?: { code: string; status: number } }) =>
        error.declaration?.code === "webhook-too-old" && error.declaration.status === 400,
    );
  }
  assert.equal((await any.getUser(user.user_id)).status, "not_verified");
  await any.deliverSecond(said);
  assert.equal((await any.getUser(user.user_id)).status, "active");
  const rows = await any.kyc.db.selectFrom("webhook_deliveries").selectAll().where("signature", "=", "stale").execute();
  assert.deepEqual(
    rows.map(({ outcome, repeats }) => [outcome, repeats]),
    [["refused", 1]],
  );
});

/** A small generator of its own, so that a failing run can be had again by its number. */
function createRandom(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

type Step = { provider: "veriff" | "bridge"; verdict: string; n: number };

/** Where a history leaves the person when it happens in order, one step after the other. */
async function playInOrder(room: KycUnderTest, steps: readonly Step[]) {
  const person = await begin(room);
  for (const step of [...steps].sort((a, b) => a.n - b.n)) await play(person, step);
  return person.stand();
}

const play = (person: Awaited<ReturnType<typeof begin>>, { provider, verdict, n }: Step): Promise<unknown> =>
  provider === "veriff" ? person.veriff(verdict as "approved", n) : person.bridge(verdict as Verdict, n);

test("100 random histories of both providers, delivered in parallel and doubled, end as those that came in order", async () => {
  const random = createRandom(20_260_302);
  const words = {
    veriff: ["approved", "declined", "review", "expired"],
    bridge: ["approved", "declined", "paused", "in-review"],
  };
  const histories = Array.from({ length: 100 }, () =>
    Array.from({ length: 2 + random(4) }, (_, n): Step => {
      const provider = random(2) ? "veriff" : "bridge";
      return { provider, verdict: words[provider][random(4)] as string, n };
    }),
  );
  for (let start = 0; start < histories.length; start += 20) {
    await Promise.all(
      histories.slice(start, start + 20).map(async (steps, index) => {
        const room = (start + index) % 2 ? any : both;
        const expected = await playInOrder(room, steps);
        const person = await begin(room);
        const shuffled = [...steps, ...steps].map((step) => ({ step, at: random(1e9) })).sort((a, b) => a.at - b.at);
        await Promise.all(shuffled.map(({ step }) => play(person, step)));
        assert.deepEqual(await person.stand(), expected, JSON.stringify(steps));
      }),
    );
  }
});

test("a person's session with one provider says nothing of another person", async () => {
  const [ada, ben]: UserRow[] = [await any.addUser(), await any.addUser()];
  const session: SessionRow = await any.openSession(ada as UserRow, { provider: "bridge" });
  const said = { session: session.provider_session_id, hint: ben?.user_id ?? "", report: verdictReport("approved", 1) };
  const { provider, delivery } = saidBySecond(said);
  const answer = await any.kyc.receiveWebhook({ provider, delivery, requestId: "r" });
  assert.equal(answer.user, null);
  for (const person of [ada, ben]) assert.equal((await any.getUser(person?.user_id ?? "")).status, "not_verified");
});

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { decisionBody, eventBody, type KycUnderTest, setUpKyc } from "./kyc-for-tests.ts";
import type { SessionRow } from "./tables.ts";

let room: KycUnderTest;
before(async () => {
  room = await setUpKyc();
});
after(() => room.database.drop());

type Story = (session: SessionRow) => unknown[];

/** As they happened at the provider. Equal in their milliseconds, so that a Date would not tell which is newer. */
const stories: Record<string, { story: Story; ends: string[] }> = {
  "a verification with a resubmission": {
    story: (session) => [
      eventBody(session, "started"),
      eventBody(session, "submitted"),
      decisionBody(session, "resubmission_requested", 1),
      eventBody(session, "submitted", "B"),
      decisionBody(session, "approved", 2, { attemptId: "B" }),
    ],
    ends: ["active", "approved", "none", "success"],
  },
  "an approval that is taken back": {
    story: (session) => [
      eventBody(session, "started"),
      eventBody(session, "submitted"),
      decisionBody(session, "review", 1),
      decisionBody(session, "approved", 2),
      decisionBody(session, "declined", 3),
    ],
    ends: ["rejected", "declined", "Suspected document tampering", "rejected"],
  },
};

const orders = permutations([0, 1, 2, 3, 4]);

function permutations(items: number[]): number[][] {
  if (items.length < 2) return [items];
  return items.flatMap((item) => permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]));
}

/** Where a person and their session stand after their webhooks came in as `arrange` says. */
async function live(story: Story, arrange: (bodies: unknown[]) => unknown[]): Promise<string[]> {
  const user = await room.addUser();
  const session = await room.openSession(user);
  for (const body of arrange(story(session))) await room.deliver(body);
  const { status, kyc_status, kyc_failure_reason } = await room.getUser(user.user_id);
  const { state } = await room.kyc.db
    .selectFrom("kyc_sessions")
    .select("state")
    .where("session_id", "=", session.session_id)
    .executeTakeFirstOrThrow();
  return [status, kyc_status ?? "none", kyc_failure_reason ?? "none", state];
}

/** Ten people at a time, as many as the pool has connections. */
async function eachOrder(check: (order: number[]) => Promise<void>): Promise<void> {
  assert.equal(orders.length, 120);
  const waiting = [...orders];
  const work = async () => {
    for (let order = waiting.pop(); order; order = waiting.pop()) await check(order);
  };
  await Promise.all(Array.from({ length: 10 }, work));
}

for (const [name, { story, ends }] of Object.entries(stories)) {
  test(`all 120 orders of ${name} end as it happened`, async () => {
    assert.deepEqual(await live(story, (bodies) => bodies), ends);
    await eachOrder(async (order) => {
      assert.deepEqual(await live(story, (bodies) => order.map((place) => bodies[place])), ends, order.join());
    });
  });

  test(`all 120 orders of ${name}, every event doubled, end as it happened`, async () => {
    await eachOrder(async (order) => {
      // Half of them repeat each event at once, the others everything once more in the end.
      const places = order[0] === 0 || order[1] === 0 ? order.flatMap((place) => [place, place]) : [...order, ...order];
      assert.deepEqual(await live(story, (bodies) => places.map((place) => bodies[place])), ends, places.join());
    });
  });
}

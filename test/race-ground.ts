import assert from "node:assert/strict";
import { type RawBuilder, sql } from "kysely";
import { type Answer, type Person, type Send, startUsher } from "./harness.ts";
import { assertInvariants } from "./invariants.ts";
import { createPeople, tally } from "./people.ts";

/** Contenders for everything that only one may have. */
export const contenders = 64;

/** An Usher with people on it, for races. */
export type RaceGround = Awaited<ReturnType<typeof makeRaceGround>>;

/** Starts an Usher with as many database connections as contenders, so that all of them stand before one row at once. */
export async function makeRaceGround(peopleCount: number) {
  const usher = await startUsher({ DATABASE_POOL_SIZE: String(contenders) });
  const people = await createPeople(usher, peopleCount);
  const answers: Answer[] = [];
  const send: Send = async (method, path, options) => {
    const answer = await usher.send(method, path, options);
    answers.push(answer);
    return answer;
  };
  const person = (): Person => {
    const next = people.pop();
    assert.ok(next, "the tests of this file need more people");
    return next;
  };
  return {
    usher,
    send,
    /** A person whom no other test uses. */
    person,
    /** The people who are still unused, for tests that change nothing. */
    people,
    /** The single value that a query gives. */
    ask: async <Value>(query: RawBuilder<{ value: Value }>) => (await query.execute(usher.db)).rows[0]?.value,
    statusOf: async ({ userId }: { userId: string }) =>
      (await sql<{ status: string }>`select status from users where user_id = ${userId}`.execute(usher.db)).rows[0]
        ?.status,
    /** The last test of a file: nothing was answered with a failure of the server, every invariant holds. */
    assertWhole: async () => {
      assert.deepEqual(tally(answers.filter(({ status }) => status >= 500)), {});
      await usher.jobs.drain();
      await usher.sealer.sealNow();
      await assertInvariants(usher);
    },
  };
}

/** What each of the parts gives. */
type Results<Parts extends readonly unknown[]> = { -readonly [Place in keyof Parts]: Awaited<Parts[Place]> };

/**
 * What PostgreSQL says of statements behind one that failed in the same transaction; the second of them that has the name
 * of a prepared statement misses it, because the first could not prepare it any more.
 */
const afterFailure = ["25P02", "26000"];

/**
 * Does parts of one transaction side by side: what they ask the database in one moment goes there in one write, and is
 * carried out in that order. As `Promise.all`, but waits for all of them even when one fails: the transaction ends then,
 * and nothing may still be written in its name.
 *
 * @throws what the first of the failed parts threw; before that, what is not only another one's failure
 */
export async function allOf<const Parts extends readonly unknown[]>(parts: Parts): Promise<Results<Parts>> {
  const ends = await Promise.allSettled(parts);
  const failures = ends.filter((end) => end.status === "rejected");
  const failure = failures.find(({ reason }) => !afterFailure.includes(reason?.code)) ?? failures[0];
  if (failure) throw failure.reason;
  return ends.map((end) => (end as PromiseFulfilledResult<unknown>).value) as Results<Parts>;
}

/**
 * Lets copies of one piece of work share its outcome while it is under way in this process, so that a thousand at once
 * do not queue for a thousand connections. The copies are counted before anybody is answered. It spares work and decides
 * nothing: whoever comes later, or to another process, does the work again and meets the database.
 */
export function mergeCopies<Input, Outcome>(
  work: (input: Input) => Promise<Outcome>,
  count: (input: Input, copies: number) => Promise<void>,
): (key: string, input: Input) => Promise<Outcome> {
  const underWay = new Map<string, { waiting: { copies: number }; outcome: Promise<Outcome> }>();
  return (key, input) => {
    const same = underWay.get(key);
    if (same) {
      same.waiting.copies += 1;
      return same.outcome;
    }
    const waiting = { copies: 0 };
    const outcome = work(input)
      .finally(() => underWay.delete(key))
      .then(async (done) => {
        if (waiting.copies > 0) await count(input, waiting.copies);
        return done;
      });
    underWay.set(key, { waiting, outcome });
    return outcome;
  };
}

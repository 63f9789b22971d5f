/** The time, as a dependency: production reads the system's clock, tests hold a clock still. */
export type Clock = {
  /** The present moment, cut to milliseconds as everything that is hashed or compared is. */
  now(): Date;
};

/** The machine's own clock. */
export const systemClock: Clock = { now: () => new Date() };

/** A clock that stands still until it is told to move. */
export type TestClock = Clock & {
  /** Moves the clock on. */
  advanceSeconds(seconds: number): void;
  /** Puts the clock at a moment. */
  set(moment: Date): void;
};

/** Makes a clock that stands still at `start`. */
export function createTestClock(start: Date): TestClock {
  let current = start.getTime();
  return {
    now: () => new Date(current),
    advanceSeconds: (seconds) => {
      current += seconds * 1000;
    },
    set: (moment) => {
      current = moment.getTime();
    },
  };
}

/** `moment` moved on by a number of seconds (may be negative). */
export function addSeconds(moment: Date, seconds: number): Date {
  return new Date(moment.getTime() + seconds * 1000);
}

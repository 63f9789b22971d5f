import { availableParallelism } from "node:os";
import type { Options } from "@node-rs/argon2";
import { unavailable } from "../../../../foundation/errors/common.ts";
import { normalisePassword } from "../../password-rules.ts";
import { type BoundedPool, createBoundedPool } from "../bounded-pool.ts";
import { createHashThreads, type HashThreads, tasksPerThread } from "./hash-threads.ts";

/** argon2id (the library's default) with 19 MiB, 2 passes, 1 lane: OWASP Password Storage Cheat Sheet. */
export const argon2Options: Options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Hashes and checks passwords, on threads that give way to requests, no more at a time than there are processors. */
export type PasswordHashing = {
  /** @throws unavailable when too many wait already */
  hash(password: string): Promise<string>;
  /** Against a fixed hash where there is none, so that it takes the same time. @throws unavailable */
  verify(passwordHash: string | null | undefined, password: string): Promise<boolean>;
};

const busy = () =>
  unavailable({
    detail: "Too many passwords are being checked at this moment. Try again in a few seconds.",
    retryAfterSeconds: 3,
  });

const threads = availableParallelism();

/** Makes the hashing with its own bounded line: 256 wait at most, two to four seconds of work. */
export function createPasswordHashing(
  pool: BoundedPool = createBoundedPool({ atOnce: threads * tasksPerThread, waiting: 256, refusal: busy }),
  onThread: HashThreads = createHashThreads(threads),
): PasswordHashing {
  const hash = async (password: string) =>
    (await onThread({ kind: "hash", password, options: argon2Options })) as string;
  let stranger: Promise<string> | undefined;
  const hashStranger = () => {
    const hashed = hash("nobody has this password");
    // A failure is not kept, and is told to those only who wait for it.
    hashed.catch(() => {
      stranger = undefined;
    });
    return hashed;
  };
  return {
    hash: (password) => pool(() => hash(normalisePassword(password))),
    verify: async (passwordHash, password) => {
      stranger ??= hashStranger();
      const known = passwordHash ?? (await stranger);
      const matches = await pool(() =>
        onThread({ kind: "verify", passwordHash: known, password: normalisePassword(password) }),
      );
      return matches === true && passwordHash !== null && passwordHash !== undefined;
    },
  };
}

import type { Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { Client } from "pg";
import { connectAs, type Login } from "./connect-as.ts";
import { isAlive } from "./find-postmaster.ts";

/** The connection whose session holds the lock: the lock lasts exactly as long as it does. */
export type Lock = { client: Client; socket: Socket };

/** How long the server may take to notice that a killed holder's connection is gone. */
const noticeLimitMs = 3_000;

// Any fixed pair of numbers serves; in the database "postgres" nobody else takes advisory locks.
const key = [7_537_233, 1];

/**
 * Takes the lock that makes this process the only Usher on a database: a session-level advisory lock, which PostgreSQL
 * frees by itself when the holder is killed. Gives the holder's process number instead when another one has it: at once
 * while that process lives, otherwise after waiting up to 3 seconds for the server to notice its end.
 */
export async function holdLock(login: Login): Promise<{ lock: Lock } | { holder: number }> {
  const lock = await connectAs(login);
  const deadline = performance.now() + noticeLimitMs;
  try {
    for (;;) {
      if (await tryLock(lock.client)) return { lock };
      const holder = await findHolder(lock.client);
      if (holder !== undefined && (isAlive(holder) || performance.now() > deadline)) {
        await lock.client.end();
        return { holder };
      }
      await pause(10);
    }
  } catch (error) {
    lock.socket.destroy();
    throw error;
  }
}

async function tryLock(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>("SELECT pg_try_advisory_lock($1, $2) AS taken", key);
  return rows[0]?.taken === true;
}

async function findHolder(client: Client): Promise<number | undefined> {
  const { rows } = await client.query<{ application_name: string }>(
    `SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)
     WHERE locktype = 'advisory' AND granted AND classid = $1 AND objid = $2 AND objsubid = 2`,
    key,
  );
  const pid = rows[0]?.application_name.replace(/^usher /, "");
  return pid === undefined ? undefined : Number(pid);
}

import type pg from "pg";

/** A socket that keeps back what is written to it between the two calls: `pg` writes to it statement by statement. */
export type Socket = { cork(): void; uncork(): void; destroyed: boolean };

/** The socket of a client; `pg` has it, but not in its types. */
export function socketOf(client: pg.Client): Socket {
  return (client as unknown as { connection: { stream: Socket } }).connection.stream;
}

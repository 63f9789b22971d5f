import { Socket } from "node:net";
import { Client } from "pg";
import type { Cluster } from "./find-cluster.ts";

/** Who enters which database of the server on this port. */
export type Login = { port: number; user: string; password: string; database: string };

/** The superuser, who owns everything and migrates. */
export function ownerLogin({ ownerPassword }: Cluster, at: { port: number; database: string }): Login {
  return { ...at, user: "usher_owner", password: ownerPassword };
}

/** The API's role, which owns nothing. */
export function apiLogin({ apiPassword }: Cluster, port: number): Login {
  return { port, user: "usher_api", password: apiPassword, database: "usher" };
}

/** Opens one connection to the embedded PostgreSQL; the socket comes along so that its hold on the process can be let go. */
export async function connectAs(login: Login): Promise<{ client: Client; socket: Socket }> {
  const socket = new Socket();
  const client = new Client({
    ...login,
    host: "127.0.0.1",
    ssl: false,
    application_name: `usher ${process.pid}`,
    connectionTimeoutMillis: 10_000,
    stream: () => socket,
  });
  // A connection that breaks is seen by the next query, and by whoever listens to "end"; unheard, it would end the process.
  client.on("error", () => undefined);
  await client.connect();
  return { client, socket };
}

/**
 * The address of a database of the embedded PostgreSQL, with its credentials, as `pg` takes it: by way of the socket in a
 * folder where one is given, else by TCP.
 */
export function connectionUrl({ port, user, password, database }: Login, socketFolder?: string): string {
  const url = `postgresql://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}?sslmode=disable`;
  return socketFolder === undefined ? url : `${url}&host=${encodeURIComponent(socketFolder)}`;
}

/**
 * Whether a failed connection or query only says that the server is going down, gone or coming up.
 * Codes: postgresql.org/docs/18/errcodes-appendix.html, class 57.
 */
export function isServerAway(error: unknown): boolean {
  const { code = "", message = "" } = error as NodeJS.ErrnoException;
  const codes = ["57P01", "57P02", "57P03", "ECONNREFUSED", "ECONNRESET", "EPIPE"];
  return codes.includes(code) || /connection (terminated|error)|not queryable/i.test(message);
}

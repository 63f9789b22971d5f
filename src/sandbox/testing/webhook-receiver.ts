import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

/** A webhook as it arrived. */
export type Received = { headers: IncomingHttpHeaders; bytes: Buffer; json: Record<string, unknown> };

/** How the receiver answers one webhook; "hang" keeps the connection open and says nothing. */
export type Reply = number | "hang" | { status: number; headers?: Record<string, string>; body?: string };

/** A receiver on loopback for tests: keeps what arrives and answers with the queued replies, then with 200. */
export async function startReceiver() {
  const received: Received[] = [];
  const replies: Reply[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    received.push({ headers: request.headers, bytes, json: JSON.parse(bytes.toString("utf8")) });
    const reply = replies.shift() ?? 200;
    if (reply !== "hang") {
      const { status, headers = {}, body = "" } = typeof reply === "number" ? { status: reply } : reply;
      response.writeHead(status, headers).end(body);
    }
    for (const one of waiting) if (received.length >= one.count) one.resolve();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/users/webhook-kyc`,
    received,
    replies,
    /** Resolves when so many webhooks have arrived in all; fails when they have not after ten seconds. */
    arrived: (count: number) =>
      new Promise<void>((resolve, reject) => {
        if (received.length >= count) return resolve();
        const late = () => reject(new Error(`${received.length} of ${count} webhooks arrived in ten seconds`));
        const timer = setTimeout(late, 10_000);
        waiting.push({ count, resolve: () => resolve(clearTimeout(timer)) });
      }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

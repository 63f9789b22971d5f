import { setTimeout as wait } from "node:timers/promises";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { RequestFate, Weather } from "./weather.ts";

/** Lets every request of one room of a double (its API, not its pages and scripts) meet the weather. */
export function meetRequests(room: FastifyInstance, weather: Weather): void {
  const dropped = new WeakSet<FastifyRequest>();
  room.addHook("onRequest", async (request, reply) => {
    const fate = weather.meetRequest();
    if (fate.delaySeconds > 0) await wait(fate.delaySeconds * 1000, undefined, { ref: false });
    if (fate.replyDropped) dropped.add(request);
    return fate.kind === "served" ? undefined : misanswer(fate.kind, request, reply);
  });
  room.addHook("onSend", async (request, _reply, payload) => {
    if (dropped.has(request)) request.raw.socket.destroy();
    return payload;
  });
}

function misanswer(kind: Exclude<RequestFate["kind"], "served">, request: FastifyRequest, reply: FastifyReply) {
  switch (kind) {
    case "gone":
      reply.hijack();
      request.raw.socket.destroy();
      return reply;
    case "too-many-requests":
      return reply
        .code(429)
        .header("retry-after", "1")
        .type("application/json")
        .send('{"message":"Too many requests"}');
    case "server-error":
      return reply.code(500).type("text/html").send("<html><body><h1>Internal Server Error</h1></body></html>");
    case "garbage":
      return reply.code(200).type("application/json").send(Buffer.from("\u0000\u0001}{\ufffd<garbage", "utf8"));
  }
}

import type { ServerResponse } from "node:http";
import type { FastifyReply } from "fastify";
import { securityHeaders } from "./security-headers.ts";

/** Leaves the answer to a library that writes it by itself, with our security headers on it. */
export function handOver(reply: FastifyReply): ServerResponse {
  reply.hijack();
  for (const [name, value] of Object.entries(securityHeaders)) reply.raw.setHeader(name, value);
  return reply.raw;
}

import type { FastifyInstance } from "fastify";
import { notFound, tooManyRequests } from "../errors/common.ts";
import type { RateLimits } from "./rate-limits.ts";

/** Answers paths that nobody serves with 404. Trying them out spends the budget of the network address. */
export function answerUnknownPaths(app: FastifyInstance, { rateLimits }: { rateLimits: RateLimits }): void {
  app.setNotFoundHandler(async (request) => {
    const verdict = await rateLimits.spend("general", request.ip, request);
    throw verdict.exceeded ? tooManyRequests({ retryAfterSeconds: verdict.resetSeconds }) : notFound();
  });
}

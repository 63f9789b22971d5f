import { createHash } from "node:crypto";
import { type ApiFailure, failures } from "./api-errors.ts";
import type { BridgeStore, KeptAnswer } from "./bridge-store.ts";

/** For so long a repeat gets the first answer; later the key is refused. */
const countsForMilliseconds = 24 * 3600 * 1000;

/** One request as far as its Idempotency-Key is concerned. */
export type KeyedRequest = { method: string; url: string; key: unknown; bytes: Buffer };

/** What the key of a request leads to: go on, a refusal, or the first answer again. */
export type KeyVerdict =
  | { kind: "new" }
  | { kind: "refused"; failure: ApiFailure }
  | { kind: "known"; answer: KeptAnswer };

/** Required on every POST, refused on every other method (Bridge, "Idempotence"). */
export function judgeKey(
  { store, clock }: { store: BridgeStore; clock: { now(): Date } },
  request: KeyedRequest,
): KeyVerdict {
  const { method, key } = request;
  if (method !== "POST")
    return key === undefined ? { kind: "new" } : { kind: "refused", failure: failures.idempotencyKeyNotTaken };
  if (typeof key !== "string" || key === "") return { kind: "refused", failure: failures.noIdempotencyKey };
  const answer = store.answers.find(key);
  if (!answer) return { kind: "new" };
  if (clock.now().getTime() - answer.createdAt > countsForMilliseconds)
    return { kind: "refused", failure: failures.keyExpired };
  if (answer.request !== digest(request)) return { kind: "refused", failure: failures.keyReused };
  return { kind: "known", answer };
}

/** Keeps the first answer of a POST; one of the double's own failure is not kept. */
export function keepAnswer(
  { store, clock }: { store: BridgeStore; clock: { now(): Date } },
  request: KeyedRequest,
  answer: { status: number; body: string },
): void {
  if (request.method !== "POST" || typeof request.key !== "string" || answer.status >= 500) return;
  const createdAt = clock.now().getTime();
  store.answers.save({ id: request.key, createdAt, request: digest(request), ...answer });
}

function digest({ method, url, bytes }: KeyedRequest): string {
  return createHash("sha256").update(`${method} ${url}\n`).update(bytes).digest("hex");
}

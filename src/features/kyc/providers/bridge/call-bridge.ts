import type { KeyObject } from "node:crypto";
import type { Clock } from "../../../../foundation/clock/index.ts";
import type { Logger } from "../../../../foundation/logging/index.ts";
import { type CallOutside, type OutsideOutcome, retryAfterSeconds } from "../../../../foundation/outbound/index.ts";
import { providerUnavailable } from "../../errors.ts";
import { type BridgeProblem, readProblem } from "./read-problem.ts";

/** One account at Bridge. `baseUrl` with or without `/v0`; several webhook keys count while one replaces another. */
export type BridgeAccount = { baseUrl: string; apiKey: string; webhookKeys: readonly KeyObject[] };

/** What the Bridge client works with. */
export type BridgeDeps = { account: BridgeAccount; callOutside: CallOutside; log: Logger; clock: Clock };

/** Every POST bears a key, under which a repeat is harmless; no other method may bear one. */
export type BridgeCall = { path: string } & (
  | { method: "GET" }
  | { method: "POST"; idempotencyKey: string; body?: string }
);

/** A good answer, or a refusal that a repeat would not change. */
export type BridgeAnswer =
  | { kind: "answer"; json: unknown }
  | { kind: "refusal"; status: number; problem: BridgeProblem };

const seconds = { whole: 12, attempt: 5 };
const answerBytes = 1024 * 1024;
/** Where Bridge does not say when to come back. */
const comeBackSeconds = 15;

/**
 * Calls Bridge. Network errors, 429 and 5xx are repeated with the same key and the same bytes.
 *
 * @throws verification-provider-unavailable where there is no answer, none that can be read, or our key is refused
 */
export async function callBridge({ account, callOutside, log }: BridgeDeps, call: BridgeCall): Promise<BridgeAnswer> {
  const body = call.method === "POST" ? call.body : undefined;
  const outcome = await callOutside({
    url: `${account.baseUrl.replace(/\/+$/, "").replace(/\/v0$/, "")}/v0${call.path}`,
    method: call.method,
    headers: {
      accept: "application/json",
      "api-key": account.apiKey,
      ...(call.method === "POST" ? { "idempotency-key": call.idempotencyKey } : {}),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    body,
    timeoutSeconds: seconds.whole,
    attemptTimeoutSeconds: seconds.attempt,
    maxBytes: answerBytes,
    attempts: 3,
    repeatable: true,
  });
  if (outcome.kind === "failure") {
    const { why, attempts } = outcome;
    // That the breaker opened was told once; each call that it spares us is no news.
    if (why !== "circuit-open")
      log.warn("the verification provider gave no answer", { provider: "bridge", verdict: why, attempt: attempts });
    throw providerUnavailable({ retryAfterSeconds: waitSeconds(outcome) });
  }
  const json = parseAnswer(outcome.body);
  if (outcome.status < 300 && json !== undefined) return { kind: "answer", json };
  const problem = readProblem(json);
  if (!isFinal(outcome)) throw unavailable(log, outcome, problem);
  log.warn("the verification provider refuses a request", describe(outcome, problem));
  return { kind: "refusal", status: outcome.status, problem };
}

type Answer = Extract<OutsideOutcome, { kind: "answer" }>;

/** 401 and 403 are about our key, which no caller can mend. */
const isFinal = ({ status }: Answer) => status >= 400 && status < 500 && ![401, 403, 408, 429].includes(status);

function parseAnswer(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    // An error page of something in between: its text is nobody's business.
    return undefined;
  }
}

function describe({ status, attempts }: Answer, { code }: BridgeProblem) {
  return { provider: "bridge", status, errorCode: code ?? undefined, attempt: attempts };
}

function unavailable(log: Logger, outcome: Answer, problem: BridgeProblem) {
  const fields = describe(outcome, problem);
  if (outcome.status < 300) log.error("an answer of the verification provider is not JSON", fields);
  else if (outcome.status === 401 || outcome.status === 403)
    log.error("the verification provider refuses our key", fields);
  else log.warn("the verification provider cannot serve now", fields);
  return providerUnavailable({ retryAfterSeconds: waitSeconds(outcome) });
}

function waitSeconds(outcome: OutsideOutcome): number {
  return Math.min(3600, Math.ceil(retryAfterSeconds(outcome) ?? comeBackSeconds));
}

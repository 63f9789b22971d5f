import type { Logger } from "../../../../foundation/logging/index.ts";
import { type CallOutside, type OutsideOutcome, retryAfterSeconds } from "../../../../foundation/outbound/index.ts";
import { providerUnavailable } from "../../errors.ts";
import { fieldsOf, textOf } from "../read-fields.ts";
import { holdsForAccount, signForVeriff } from "./signature.ts";

/** One integration at Veriff. `baseUrl` is what the portal shows, with or without `/v1`. */
export type VeriffAccount = {
  baseUrl: string;
  apiKey: string;
  /** We sign with it. */
  sharedSecret: string;
  /** What Veriff signs with one of these counts, too: while the secret is changed, deliveries come with either. */
  previousSharedSecrets?: readonly string[];
};

type VeriffCall = { path: string } & ({ method: "POST"; body: string } | { method: "GET"; signedId: string });

const seconds = { whole: 15, attempt: 6 };
const answerBytes = 512 * 1024;
/** Where Veriff does not say when to come back. */
const comeBackSeconds = 15;

/**
 * Calls Veriff, signed, and gives the answer's JSON. Repeats are harmless: reads change nothing, and a session opened
 * twice costs nothing while nobody uses the first. What is read and not there (404) is an undefined `json`.
 *
 * @throws verification-provider-unavailable for whatever keeps us from a good answer
 */
export async function callVeriff(
  deps: { account: VeriffAccount; callOutside: CallOutside; log: Logger },
  call: VeriffCall,
): Promise<{ json: unknown; signed: boolean }> {
  const { account, callOutside, log } = deps;
  const outcome = await callOutside({
    url: `${account.baseUrl.replace(/\/+$/, "").replace(/\/v1$/, "")}/v1${call.path}`,
    method: call.method,
    headers: {
      ...(call.method === "POST" ? { "content-type": "application/json" } : {}),
      accept: "application/json",
      "x-auth-client": account.apiKey,
      "x-hmac-signature": signForVeriff(account.sharedSecret, call.method === "POST" ? call.body : call.signedId),
    },
    body: call.method === "POST" ? call.body : undefined,
    timeoutSeconds: seconds.whole,
    attemptTimeoutSeconds: seconds.attempt,
    maxBytes: answerBytes,
    attempts: 3,
    repeatable: true,
  });
  if (call.method === "GET" && outcome.kind === "answer" && outcome.status === 404) {
    log.warn("the verification provider does not know a session of ours", { provider: "veriff", status: 404 });
    return { json: undefined, signed: false };
  }
  if (outcome.kind === "failure" || outcome.status >= 300) throw refusal(log, outcome);
  const signature = outcome.headers["x-hmac-signature"];
  if (signature !== undefined && !holdsForAccount(account, outcome.body, signature)) {
    log.error("an answer of the verification provider bears a wrong signature", {
      provider: "veriff",
      status: outcome.status,
    });
    throw providerUnavailable({ retryAfterSeconds: comeBackSeconds });
  }
  return { json: readAnswer(log, outcome.body), signed: signature !== undefined };
}

function readAnswer(log: Logger, body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch (cause) {
    log.error("an answer of the verification provider is not JSON", { provider: "veriff" });
    throw providerUnavailable({ retryAfterSeconds: comeBackSeconds, cause });
  }
}

/** Codes 1801 to 1819 mean that our key or secret is wrong; other 4xx that we ask wrongly. Both are ours to mend. */
function refusal(log: Logger, outcome: OutsideOutcome) {
  const waitSeconds = Math.min(3600, Math.ceil(retryAfterSeconds(outcome) ?? comeBackSeconds));
  if (outcome.kind === "failure") {
    // That the breaker opened was told once; each call that it spares us is no news.
    if (outcome.why !== "circuit-open")
      log.warn("the verification provider gave no answer", {
        provider: "veriff",
        verdict: outcome.why,
        attempt: outcome.attempts,
      });
    return providerUnavailable({ retryAfterSeconds: waitSeconds });
  }
  const errorCode = errorCodeOf(outcome.body);
  const fields = { provider: "veriff", status: outcome.status, errorCode, attempt: outcome.attempts };
  if (outcome.status === 429 || outcome.status >= 500) log.warn("the verification provider cannot serve now", fields);
  else if (/^18[01]\d$/.test(errorCode ?? ""))
    log.error("the verification provider refuses our key or signature", fields);
  else log.error("the verification provider refuses our request", fields);
  return providerUnavailable({ retryAfterSeconds: waitSeconds });
}

function errorCodeOf(body: Buffer): string | undefined {
  try {
    const code = textOf(fieldsOf(JSON.parse(body.toString("utf8")))?.code, 10);
    return code !== null && /^\d+$/.test(code) ? code : undefined;
  } catch {
    // An error page of something in between: it has no code, and its text is nobody's business.
    return undefined;
  }
}

import { type Dispatcher, request } from "undici";
import { createPublicOnlyAgent, isAddressRefusal } from "./public-addresses.ts";

/** An answer with its whole body. */
export type Answer = { kind: "answer"; status: number; headers: Record<string, string>; body: Buffer };

/** Why there is no answer to use. */
export type Failure = {
  kind: "failure";
  /**
   * `unreachable`: no connection came about, nothing was sent · `broken`: the connection broke or spoke no HTTP ·
   * `timed-out` · `too-large`: the answer exceeds the bound · `redirected`: it pointed elsewhere · `address-refused`:
   * the host leads to an address that is not public · `circuit-open`: nobody was asked, see `createBreaker`.
   */
  why: "unreachable" | "broken" | "timed-out" | "too-large" | "redirected" | "address-refused" | "circuit-open";
  /** The system's code of the cause, such as ECONNREFUSED; never the outside's text. */
  code: string | undefined;
  /** With `circuit-open`: whole seconds until a call may try. */
  retryAfterSeconds?: number;
};

export type AttemptOptions = {
  /** `public` refuses loopback, private and link-local addresses by the address actually connected to. Default `any`. */
  addresses?: "any" | "public";
};

export type Attempt = {
  url: string;
  method: Dispatcher.HttpMethod;
  headers?: Record<string, string>;
  body?: string | Buffer;
  timeoutMilliseconds: number;
  maxBytes: number;
};

const publicOnly = createPublicOnlyAgent();

/** Makes one attempt: connects, sends, reads the answer up to its bound, all within the time. */
export async function attemptOnce({ addresses }: AttemptOptions, attempt: Attempt): Promise<Answer | Failure> {
  const signal = AbortSignal.timeout(attempt.timeoutMilliseconds);
  try {
    const response = await request(attempt.url, {
      method: attempt.method,
      // Compressed answers would be bounded before unpacking only.
      headers: { "accept-encoding": "identity", ...attempt.headers },
      body: attempt.body,
      signal,
      ...(addresses === "public" ? { dispatcher: publicOnly } : {}),
    });
    if (response.statusCode >= 300 && response.statusCode < 400) {
      // The stream tells of its own destruction by an error; unheard, it would end the process.
      response.body.on("error", () => undefined).destroy();
      return failure("redirected");
    }
    const body = await readBounded(response.body, attempt.maxBytes);
    if (body === undefined) return failure("too-large");
    return { kind: "answer", status: response.statusCode, headers: flatten(response.headers), body };
  } catch (error) {
    return toFailure(error, signal.aborted);
  }
}

async function readBounded(stream: Dispatcher.ResponseData["body"], maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    // Leaving the loop destroys the stream and with it the connection.
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name, [value ?? ""].flat().join(", ")]);
  return Object.fromEntries(entries);
}

/** No connection, or none whose certificate we trust: nothing of the request has left. */
const neverConnected =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|.*CERT.*|UNABLE_TO_.*|ERR_TLS_.*)$/;

/** Our own mistake, not the outside's: it must not look like an outage. */
const badCall = /^(ERR_INVALID_URL|UND_ERR_INVALID_ARG)$/;

function toFailure(error: unknown, timedOut: boolean): Failure {
  if (isAddressRefusal(error)) return failure("address-refused");
  const code = codeOf(error);
  if (code !== undefined && badCall.test(code)) throw error;
  if (timedOut) return failure("timed-out");
  if (code !== undefined && neverConnected.test(code)) return failure("unreachable", code);
  if (code === "UND_ERR_HEADERS_TIMEOUT" || code === "UND_ERR_BODY_TIMEOUT") return failure("timed-out", code);
  return failure("broken", code);
}

/** Several addresses tried in vain come as an AggregateError, whose own code is the last one's. */
function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === "string" ? code : undefined;
}

function failure(why: Failure["why"], code?: string): Failure {
  return { kind: "failure", why, code };
}

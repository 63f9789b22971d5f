import { randomUUID } from "node:crypto";
import type { Weather } from "../weather/index.ts";
import type { Delivery, Session, Try } from "./session.ts";
import type { SessionStore } from "./session-store.ts";
import { signedHeaders } from "./signature.ts";

/** Sends webhooks and keeps at it. Veriff repeats hourly for seven days; here the waits are scaled down to seconds. */
export type Courier = {
  /** Keeps the webhooks, then tries each once, in order; returns when every first try has an outcome. */
  deliver(session: Session, webhooks: readonly { kind: string; body: string }[]): Promise<Delivery[]>;
  /** Sends a webhook once more, byte for byte, whatever became of it before. */
  resend(session: Session, delivery: Delivery): Promise<void>;
  /** Takes up what an earlier process left unfinished. */
  resume(): void;
  /** Stops waiting and aborts what is under way; both stay pending in the state file. */
  close(): void;
};

/** Seconds to wait after each failed try before the next one; after the last the webhook counts as failed. */
export const RETRY_AFTER_SECONDS: readonly number[] = [1, 5, 15, 60];

const KEPT_DELIVERIES = 100;
const KEPT_TRIES = 20;
const KEPT_ANSWER_CHARACTERS = 500;

type CourierOptions = {
  apiKey: string;
  sharedSecret: string;
  webhookUrl: string | (() => string);
  retryAfterSeconds?: readonly number[];
  webhookTimeoutSeconds?: number;
};

/** Opens a courier. Only HTTP 200 counts as taken; redirects are not followed; a try ends after 10 seconds. */
export function openCourier(
  { store, clock, weather }: { store: SessionStore; clock: { now(): Date }; weather: Weather },
  options: CourierOptions,
): Courier {
  const { retryAfterSeconds = RETRY_AFTER_SECONDS } = options;
  const closing = new AbortController();
  const timers = new Map<string, NodeJS.Timeout>();
  // Counted per process: after a restart, or when sent again by hand, a webhook gets all its repeats anew.
  const failures = new Map<string, number>();

  /** The first try of a webhook, in the weather of the moment. */
  async function setOut(session: Session, delivery: Delivery): Promise<void> {
    const fate = weather.meetWebhook();
    if (fate.lost) return lose(session, delivery);
    if (fate.delaySeconds > 0) {
      schedule(session, delivery, fate.delaySeconds);
      store.saveSession(session);
      return;
    }
    if (fate.duplicated) await send(options, delivery, closing.signal);
    await attempt(session, delivery, fate);
  }

  function lose(session: Session, delivery: Delivery) {
    const lost = { at: clock.now().toISOString(), status: null, answer: "lost in the weather of the sandbox" };
    delivery.tries = [...delivery.tries, lost].slice(-KEPT_TRIES);
    settle(delivery, "failed");
    store.saveSession(session);
  }

  async function attempt(session: Session, delivery: Delivery, how: Mishaps = {}): Promise<void> {
    forgetTimer(delivery.id);
    if (weather.isOut()) return lose(session, delivery);
    const outcome = await send(options, delivery, closing.signal, how);
    // A try cut off by closing has no outcome: the next start repeats it.
    if (closing.signal.aborted) return;
    delivery.tries = [...delivery.tries, { at: clock.now().toISOString(), ...outcome }].slice(-KEPT_TRIES);
    const failed = failures.get(delivery.id) ?? 0;
    const waitSeconds = retryAfterSeconds[failed];
    failures.set(delivery.id, failed + 1);
    if (outcome.status === 200) settle(delivery, "delivered");
    else if (waitSeconds === undefined) settle(delivery, "failed");
    else schedule(session, delivery, waitSeconds);
    store.saveSession(session);
  }

  function settle(delivery: Delivery, state: "delivered" | "failed") {
    delivery.state = state;
    delivery.nextTryAt = null;
    failures.delete(delivery.id);
  }

  function schedule(session: Session, delivery: Delivery, waitSeconds: number) {
    forgetTimer(delivery.id);
    delivery.state = "pending";
    delivery.nextTryAt = new Date(clock.now().getTime() + waitSeconds * 1000).toISOString();
    const timer = setTimeout(() => void attempt(session, delivery), waitSeconds * 1000);
    timers.set(delivery.id, timer.unref());
  }

  function forgetTimer(id: string) {
    clearTimeout(timers.get(id));
    timers.delete(id);
  }

  return {
    async deliver(session, webhooks) {
      const deliveries = webhooks.map(newDelivery);
      session.deliveries = [...session.deliveries, ...deliveries].slice(-KEPT_DELIVERIES);
      store.saveSession(session);
      for (const delivery of weather.order(deliveries)) await setOut(session, delivery);
      return deliveries;
    },
    async resend(session, delivery) {
      failures.delete(delivery.id);
      await attempt(session, delivery);
    },
    resume() {
      for (const session of store.listSessions({ limit: Number.POSITIVE_INFINITY })) {
        const pending = session.deliveries.filter((delivery) => delivery.state === "pending");
        for (const delivery of pending) schedule(session, delivery, retryAfterSeconds[0] ?? 0);
      }
    },
    close() {
      closing.abort();
      for (const id of [...timers.keys()]) forgetTimer(id);
    },
  };
}

function newDelivery(webhook: { kind: string; body: string }): Delivery {
  return { id: randomUUID(), ...webhook, state: "pending", tries: [], nextTryAt: null };
}

/** What goes wrong with one try. */
type Mishaps = { badSignature?: boolean; answerDropped?: boolean };

async function send(
  options: CourierOptions,
  { body }: Delivery,
  closing: AbortSignal,
  { badSignature = false, answerDropped = false }: Mishaps = {},
): Promise<Omit<Try, "at">> {
  const { webhookUrl, webhookTimeoutSeconds = 10 } = options;
  const timeout = AbortSignal.timeout(webhookTimeoutSeconds * 1000);
  try {
    const response = await fetch(typeof webhookUrl === "string" ? webhookUrl : webhookUrl(), {
      method: "POST",
      headers: badSignature
        ? signedHeaders({ ...options, sharedSecret: "another" }, body)
        : signedHeaders(options, body),
      body,
      redirect: "error",
      signal: AbortSignal.any([timeout, closing]),
    });
    const answer = await readStart(response);
    return answerDropped
      ? { status: null, answer: "the answer was lost on its way" }
      : { status: response.status, answer };
  } catch (error) {
    return { status: null, answer: timeout.aborted ? `no answer in ${webhookTimeoutSeconds} s` : causeOf(error) };
  }
}

// Only the start of the answer is of use to the reader, and an endless one must not be read.
async function readStart(response: Response): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > KEPT_ANSWER_CHARACTERS) break;
  }
  return text.slice(0, KEPT_ANSWER_CHARACTERS);
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (!(cause instanceof Error)) return String(cause);
  return (cause as NodeJS.ErrnoException).code ?? cause.message;
}

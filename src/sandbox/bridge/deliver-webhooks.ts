import type { Weather } from "../weather/index.ts";
import type { BridgeStore } from "./bridge-store.ts";
import type { Delivery } from "./customer.ts";
import { sendWebhook } from "./send-webhook.ts";

/** How the first try of a webhook is bent, to play what goes wrong. */
export type Bend = { signedSecondsAgo?: number; badSignature?: boolean; answerDropped?: boolean };

/** Sends webhooks and keeps at it. Bridge repeats for two days; here the waits are scaled down to seconds. */
export type Courier = {
  /** Tries kept deliveries once each, in order; returns when every first try has an outcome. */
  deliver(deliveries: readonly Delivery[], bend?: Bend): Promise<void>;
  /** Sends a webhook once more with a new signature, whatever became of it before. */
  resend(delivery: Delivery): Promise<void>;
  /** Takes up what an earlier process left unfinished. */
  resume(): void;
  /** Stops waiting and aborts what is under way; both stay pending in the state file. */
  close(): void;
};

/** Seconds to wait after each failed try before the next one; after the last the webhook counts as failed. */
const defaultRetryAfterSeconds: readonly number[] = [1, 5, 15, 60];
const keptTries = 20;

/** Opens a courier. Only HTTP 200 counts as taken; redirects are not followed. */
export function openCourier(
  { store, clock, weather }: { store: BridgeStore; clock: { now(): Date }; weather: Weather },
  options: { retryAfterSeconds?: readonly number[]; webhookTimeoutSeconds?: number },
): Courier {
  const { retryAfterSeconds = defaultRetryAfterSeconds, webhookTimeoutSeconds = 10 } = options;
  const closing = new AbortController();
  const timers = new Map<string, NodeJS.Timeout>();
  // Counted per process: after a restart, or when sent again by hand, a webhook gets all its repeats anew.
  const failures = new Map<string, number>();

  /** The first try of a webhook, in the weather of the moment. */
  async function setOut(delivery: Delivery, bend: Bend) {
    const fate = weather.meetWebhook();
    if (fate.lost) return lose(delivery);
    if (fate.delaySeconds > 0) return schedule(delivery, fate.delaySeconds);
    const badSignature = bend.badSignature || fate.badSignature;
    if (fate.duplicated) await send(delivery, bend);
    await attempt(delivery, { ...bend, badSignature, answerDropped: fate.answerDropped });
  }

  function lose(delivery: Delivery) {
    const lost = { at: clock.now().toISOString(), status: null, answer: "lost in the weather of the sandbox" };
    delivery.tries = [...delivery.tries, lost].slice(-keptTries);
    settle(delivery, "failed");
  }

  async function send({ endpointId, body }: Delivery, { signedSecondsAgo = 0, badSignature, answerDropped }: Bend) {
    const endpoint = store.endpoints.find(endpointId);
    if (endpoint?.status !== "active") return undefined;
    return sendWebhook({
      url: endpoint.url,
      privateKey: endpoint.privateKey,
      body,
      signedAtMilliseconds: clock.now().getTime() - signedSecondsAgo * 1000,
      badSignature,
      answerDropped,
      timeoutSeconds: webhookTimeoutSeconds,
      closing: closing.signal,
    });
  }

  async function attempt(delivery: Delivery, bend: Bend = {}) {
    forgetTimer(delivery.id);
    if (weather.isOut()) return lose(delivery);
    const outcome = await send(delivery, bend);
    if (!outcome) return settle(delivery, "failed");
    // A try cut off by closing has no outcome: the next start repeats it.
    if (closing.signal.aborted) return;
    delivery.tries = [...delivery.tries, { at: clock.now().toISOString(), ...outcome }].slice(-keptTries);
    const failed = failures.get(delivery.id) ?? 0;
    const waitSeconds = retryAfterSeconds[failed];
    failures.set(delivery.id, failed + 1);
    if (outcome.status === 200) settle(delivery, "delivered");
    else if (waitSeconds === undefined) settle(delivery, "failed");
    else schedule(delivery, waitSeconds);
  }

  function settle(delivery: Delivery, state: "delivered" | "failed") {
    delivery.state = state;
    delivery.nextTryAt = null;
    failures.delete(delivery.id);
    store.deliveries.save(delivery);
  }

  function schedule(delivery: Delivery, waitSeconds: number) {
    forgetTimer(delivery.id);
    delivery.state = "pending";
    delivery.nextTryAt = new Date(clock.now().getTime() + waitSeconds * 1000).toISOString();
    timers.set(delivery.id, setTimeout(() => void attempt(delivery), waitSeconds * 1000).unref());
    store.deliveries.save(delivery);
  }

  function forgetTimer(id: string) {
    clearTimeout(timers.get(id));
    timers.delete(id);
  }

  return {
    async deliver(deliveries, bend = {}) {
      for (const delivery of weather.order(deliveries)) await setOut(delivery, bend);
    },
    async resend(delivery) {
      failures.delete(delivery.id);
      await attempt(delivery);
    },
    resume() {
      const pending = store.deliveries.list().filter(({ state }) => state === "pending");
      for (const delivery of pending.reverse()) schedule(delivery, retryAfterSeconds[0] ?? 0);
    },
    close() {
      closing.abort();
      for (const id of [...timers.keys()]) forgetTimer(id);
    },
  };
}

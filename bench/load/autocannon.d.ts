/** The part of autocannon's interface that is used here: it brings no types of its own. */
declare module "autocannon" {
  type Request = { method: string; path: string; headers?: Record<string, string>; body?: string };
  type Options = {
    url: string;
    connections: number;
    /** Seconds; or `amount` requests, shared evenly among the connections. */
    duration?: number;
    amount?: number;
    setupClient?(client: { setRequests(requests: Request[]): void }): void;
  };
  type Result = {
    "2xx": number;
    non2xx: number;
    errors: number;
    timeouts: number;
    /** Seconds. */
    duration: number;
    /** Milliseconds. */
    latency: { p50: number; p99: number };
  };
  /** The result, and what happens until it is there. */
  type Running = Promise<Result> & { on(event: "response", heard: () => void): void };
  export default function autocannon(options: Options): Running;
}

/** The process that puts the load on: told what to do in one message, it answers with what it saw and ends. */
import autocannon from "autocannon";
import { createRandom } from "../population/random.ts";
import { type GateLoad, requestsPerConnection } from "./load-gate.ts";

process.once("message", (load: GateLoad) => void run(load));

async function run({ url, seconds, connections, users, tokens, seed }: GateLoad): Promise<void> {
  const random = createRandom(seed);
  const drawRequest = () => ({
    method: "GET",
    path: `/User/${1 + random.below(users)}/status`,
    headers: { authorization: `Bearer ${tokens[random.below(tokens.length)]}` },
  });
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    setupClient: (client) => client.setRequests(Array.from({ length: requestsPerConnection }, drawRequest)),
  });
  process.send?.({
    perSecond: result["2xx"] / result.duration,
    failed: result.non2xx + result.errors + result.timeouts,
    p50: result.latency.p50,
    p99: result.latency.p99,
  });
  process.disconnect();
}

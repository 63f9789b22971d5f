import { generateKeyPair, SignJWT } from "jose";
import type { Ground } from "../ground.ts";
import { watchProcess } from "../load/watch-process.ts";
import { issueAccessTokens } from "../open-tokens.ts";
import { type Figure, round } from "../report.ts";
import { startArguments, startProcess } from "../start-process.ts";
import { median } from "../statistics.ts";
import type { Parameters } from "./measure-gate.ts";

const perRun = 400;
const atOnce = 8;

/** C: client-credentials tokens beside bare signatures of the same claims, in turn. */
export async function measureClientCredentials(ground: Ground, { pairs }: Parameters): Promise<Figure[]> {
  const usher = await startProcess({ args: startArguments(), environment: ground.environment, readyPath: "/readyz" });
  try {
    const form = await createAccount(usher.url, ground);
    const claims = readClaims(await askToken(usher.url, form));
    const { privateKey } = await generateKeyPair("ES256");
    const sign = () => new SignJWT(claims).setProtectedHeader({ alg: "ES256", typ: "at+jwt" }).sign(privateKey);
    await repeat(perRun, atOnce, () => askToken(usher.url, form));
    await repeat(perRun, atOnce, sign);
    const [issued, signed, costs]: [number[], number[], number[]] = [[], [], []];
    for (let pair = 0; pair < pairs; pair += 1) {
      const work = () => repeat(perRun, atOnce, () => askToken(usher.url, form));
      const { result, cost } = await watchProcess(usher.pid, work);
      issued.push(result);
      costs.push(((cost.processorSeconds ?? Number.NaN) * 1000) / perRun);
      signed.push(await repeat(perRun, atOnce, sign));
    }
    return [describe({ issued, signed, costs })];
  } finally {
    await usher.stop();
  }
}

/** A new service account, as the form of its token requests. */
async function createAccount(url: string, { environment, operatorIds }: Ground): Promise<URLSearchParams> {
  const [operator] = await issueAccessTokens(environment, operatorIds.slice(0, 1));
  const answer = await fetch(`${url}/service-accounts`, {
    method: "POST",
    headers: { authorization: `Bearer ${operator}`, "content-type": "application/json" },
    body: JSON.stringify({ name: "Bench", permissions: ["ekyc.session.list", "ekyc.session.get"] }),
  });
  const text = await answer.text();
  if (answer.status !== 201) throw new Error(`The service account was answered with ${answer.status}: ${text}`);
  const { client_id, client_secret } = JSON.parse(text) as { client_id: string; client_secret: string };
  return new URLSearchParams({ grant_type: "client_credentials", client_id, client_secret });
}

/** @throws Error when a request is not answered with 200 */
async function askToken(url: string, form: URLSearchParams): Promise<string> {
  const answer = await fetch(`${url}/oidc/token`, { method: "POST", body: form });
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`A token request was answered with ${answer.status}: ${text}`);
  return (JSON.parse(text) as { access_token: string }).access_token;
}

function readClaims(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
}

/** Does a thing so many times, some at a time; gives how many a second. */
async function repeat(count: number, lanes: number, work: () => Promise<unknown>): Promise<number> {
  let left = count;
  const begun = performance.now();
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      await work();
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return (count * 1000) / (performance.now() - begun);
}

function describe({ issued, signed, costs }: Record<"issued" | "signed" | "costs", number[]>): Figure {
  const ratios = issued.map((rate, pair) => rate / (signed[pair] ?? Number.NaN));
  return {
    name: "C",
    what: "client-credentials tokens, of bare signatures",
    value: median(ratios),
    unit: "×",
    note: `${round(median(issued))}/s, ${atOnce} at once, against ${round(median(signed))}/s (ES256); ${round(median(costs))} ms of processor each in the server`,
    samples: ratios,
  };
}

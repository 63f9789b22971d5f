import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { recoverSigner } from "../../src/features/identity/wallets/recover-signer.ts";
import { loadCurve } from "../../src/features/identity/wallets/wallet-curve.ts";
import type { Ground } from "../ground.ts";
import { type Figure, round } from "../report.ts";
import { startArguments, startProcess } from "../start-process.ts";
import { median } from "../statistics.ts";
import type { Parameters } from "./measure-gate.ts";

const wallets = 32;
const logInsPerRun = 200;
const atOnce = 8;

/** A log-in, signed and ready to be sent. */
type Ready = { body: string; message: string; signature: Buffer };

/** W: log-ins of known wallets beside bare checks of the same signatures, in turn. Signing is the client's and not counted. */
export async function measureWalletLogIn(ground: Ground, { pairs }: Parameters): Promise<Figure[]> {
  const curve = await loadCurve();
  const usher = await startProcess({ args: startArguments(), environment: ground.environment, readyPath: "/readyz" });
  try {
    const accounts = Array.from({ length: wallets }, () => privateKeyToAccount(generatePrivateKey()));
    await send(usher.url, await prepare(usher.url, accounts, wallets));
    const [logIns, single, checks]: [number[], number[], number[]] = [[], [], []];
    for (let pair = 0; pair < pairs; pair += 1) {
      const ready = await prepare(usher.url, accounts, logInsPerRun);
      logIns.push(rate(logInsPerRun, await timed(() => send(usher.url, ready))));
      const alone = await prepare(usher.url, accounts, wallets);
      single.push((await timed(() => send(usher.url, alone, 1))) / wallets);
      checks.push(
        rate(
          logInsPerRun,
          await timed(async () => ready.forEach((one) => void recoverSigner(curve, one.message, one.signature))),
        ),
      );
    }
    return describe(logIns, single, checks);
  } finally {
    await usher.stop();
  }
}

const rate = (count: number, milliseconds: number) => (count * 1000) / milliseconds;

async function timed(work: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

async function prepare(url: string, accounts: readonly PrivateKeyAccount[], count: number): Promise<Ready[]> {
  const ready: Ready[] = [];
  for (let index = 0; index < count; index += 1) {
    const account = accounts[index % accounts.length] as PrivateKeyAccount;
    const answer = await fetch(`${url}/auth/nonce?address=${account.address}`);
    const { nonce, backSig, message } = (await answer.json()) as { nonce: string; backSig: string; message: string };
    const frontSig = await account.signMessage({ message });
    const body = JSON.stringify({ userAddress: account.address, frontSig, nonce, backSig, message });
    ready.push({ body, message, signature: Buffer.from(frontSig.slice(2), "hex") });
  }
  return ready;
}

/** @throws Error when a log-in is not answered with 200 */
async function send(url: string, ready: readonly Ready[], lanes = atOnce): Promise<void> {
  const queue = [...ready];
  const work = async () => {
    for (let next = queue.pop(); next; next = queue.pop()) {
      const headers = { "content-type": "application/json" };
      const answer = await fetch(`${url}/auth/nonce`, { method: "POST", headers, body: next.body });
      const text = await answer.text();
      if (answer.status !== 200) throw new Error(`A wallet's log-in was answered with ${answer.status}: ${text}`);
    }
  };
  await Promise.all(Array.from({ length: lanes }, work));
}

function describe(logIns: number[], single: number[], checks: number[]): Figure[] {
  const ratios = logIns.map((logInRate, pair) => logInRate / (checks[pair] ?? Number.NaN));
  return [
    {
      name: "W",
      what: "wallet log-ins, of bare signature checks",
      value: median(ratios),
      unit: "×",
      note: `${round(median(logIns))}/s, ${atOnce} at once, against ${round(median(checks))}/s; one alone ${round(median(single))} ms`,
      samples: ratios,
    },
  ];
}

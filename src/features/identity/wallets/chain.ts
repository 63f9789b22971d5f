import type { CallOutside } from "../../../foundation/outbound/index.ts";
import { plainSignatureBytes } from "./recover-signer.ts";
/** What a chain says of a contract wallet's signature. */
export type ChainVerdict = "valid" | "invalid" | "other-chain" | "unavailable";

/** Asks a chain's node about contract wallets. */
export type Chain = {
  check(question: { address: string; chainId: number; text: string; signature: Buffer }): Promise<ChainVerdict>;
};

const timeoutSeconds = 5;
const maxBytes = 64 * 1024;

type RpcAnswer = { result: unknown } | { reverted: true } | undefined;

/**
 * The node at `rpcUrl`. Deployed contract wallets (ERC-1271) and those still to be deployed (ERC-6492) are both judged in
 * one `eth_call` of the universal validator's code, which changes nothing on the chain. A signature of 65 bytes, which a
 * plain account's key could have made, counts only where there is a contract: the validator would recover the key itself
 * otherwise, and take malleated signatures that are refused here.
 */
export function createChain({ callOutside, rpcUrl }: { callOutside: CallOutside; rpcUrl: string }): Chain {
  const ask = (method: string, params: unknown[]) => askNode(callOutside, rpcUrl, method, params);
  let chainId: number | undefined;
  return {
    check: async ({ address, signature, text, ...question }) => {
      chainId ??= readNumber(await ask("eth_chainId", []));
      if (chainId === undefined) return "unavailable";
      if (chainId !== question.chainId) return "other-chain";
      if (signature.length === plainSignatureBytes) {
        const code = await ask("eth_getCode", [address, "latest"]);
        if (!code || !("result" in code) || typeof code.result !== "string") return "unavailable";
        if (!/^0x[0-9a-f]{2}/i.test(code.result)) return "invalid";
      }
      const answer = await ask("eth_call", [{ data: await encodeQuestion(address, text, signature) }, "latest"]);
      if (answer && "reverted" in answer) return "invalid";
      const verdict = readNumber(answer);
      return verdict === undefined ? "unavailable" : verdict === 1 ? "valid" : "invalid";
    },
  };
}

/** viem is loaded here and only here: 37 MB that only contract wallets need. */
async function encodeQuestion(address: string, text: string, signature: Buffer): Promise<string> {
  const { encodeDeployData, hashMessage, universalSignatureValidatorAbi, universalSignatureValidatorByteCode } =
    await import("viem");
  return encodeDeployData({
    abi: universalSignatureValidatorAbi,
    args: [address as `0x${string}`, hashMessage(text), `0x${signature.toString("hex")}`],
    bytecode: universalSignatureValidatorByteCode,
  });
}

/** One JSON-RPC call; undefined where the node gives no usable answer. Reading twice does no harm. */
async function askNode(callOutside: CallOutside, url: string, method: string, params: unknown[]): Promise<RpcAnswer> {
  const outcome = await callOutside({
    url,
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    timeoutSeconds,
    attempts: 2,
    repeatable: true,
    maxBytes,
  });
  if (outcome.kind !== "answer") return undefined;
  const body = parse(outcome.body);
  if (body?.error) return isRevert(body.error) ? { reverted: true } : undefined;
  return outcome.status === 200 && body && "result" in body ? { result: body.result } : undefined;
}

function parse(body: Buffer): { result?: unknown; error?: { code?: unknown; message?: unknown } } | undefined {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    return value !== null && typeof value === "object" ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A contract that refuses by reverting (EIP-1474 leaves the code open; 3 is the usual one). */
function isRevert({ code, message }: { code?: unknown; message?: unknown }): boolean {
  return code === 3 || (typeof message === "string" && /revert/i.test(message));
}

function readNumber(answer: RpcAnswer): number | undefined {
  const result = answer && "result" in answer ? answer.result : undefined;
  if (typeof result !== "string" || !/^0x[0-9a-fA-F]{1,64}$/.test(result)) return undefined;
  const value = BigInt(result);
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : undefined;
}

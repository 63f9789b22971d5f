import type { Try } from "./customer.ts";
import { signatureHeader } from "./signature.ts";

const keptAnswerCharacters = 500;

/** One webhook to hand over once. */
export type Sending = {
  url: string;
  body: string;
  privateKey: string;
  signedAtMilliseconds: number;
  /** Sends a signature that does not hold. */
  badSignature?: boolean;
  /** It arrives, and the receiver's answer does not. */
  answerDropped?: boolean;
  timeoutSeconds: number;
  closing: AbortSignal;
};

/** Hands a webhook over once, signed for this very try. The one place from which webhooks leave this double. */
export async function sendWebhook(sending: Sending): Promise<Omit<Try, "at">> {
  const { url, body, privateKey, signedAtMilliseconds, badSignature, answerDropped, timeoutSeconds, closing } = sending;
  const timeout = AbortSignal.timeout(timeoutSeconds * 1000);
  const signature = signatureHeader(privateKey, badSignature ? `${body} ` : body, signedAtMilliseconds);
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", "x-webhook-signature": signature },
      body,
      redirect: "error",
      signal: AbortSignal.any([timeout, closing]),
    });
    const answer = await readStart(response);
    if (answerDropped) return { status: null, answer: "the answer was lost on its way" };
    return { status: response.status, answer };
  } catch (error) {
    return { status: null, answer: timeout.aborted ? `no answer in ${timeoutSeconds} s` : causeOf(error) };
  }
}

// Only the start of the answer is of use to the reader, and an endless one must not be read.
async function readStart(response: Response): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > keptAnswerCharacters) break;
  }
  return text.slice(0, keptAnswerCharacters);
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (!(cause instanceof Error)) return String(cause);
  return (cause as NodeJS.ErrnoException).code ?? cause.message;
}

import type { Clock } from "../../../../foundation/clock/index.ts";
import type { CallOutside, OutsideOutcome } from "../../../../foundation/outbound/index.ts";
import type { SmsChannel, SmsOutcome } from "../../sms-channel.ts";

/** Our account at Twilio. */
export type TwilioAccount = {
  /** `https://api.twilio.com`, or a double's. */
  baseUrl: string;
  /** `AC…`. */
  accountSid: string;
  authToken: string;
  /** A number in E.164, an alphanumeric sender, or the id of a messaging service (`MG…`). */
  from: string;
};

/** Errors that lie with the recipient's number: another try changes nothing. Twilio's list of error codes. */
const refusedForGood = new Set([
  21211, // not a valid number
  21217, // not a valid number for this purpose
  21408, // this country is not enabled
  21610, // the recipient has opted out
  21612, // cannot be reached from our sender
  21614, // not a mobile number
]);

/** Twilio keeps a message in its queue for 1 second to 10 hours. */
const longestValiditySeconds = 36_000;

/**
 * Text messages through Twilio's Messages resource (`POST …/Messages.json`). It knows no idempotency key: a message whose
 * answer was lost is sent again by the job, and then says the same a second time.
 */
export function createTwilioChannel(
  deps: { clock: Clock; callOutside: CallOutside },
  { baseUrl, accountSid, authToken, from }: TwilioAccount,
): SmsChannel {
  const sender: Record<string, string> = /^MG[0-9a-f]{32}$/i.test(from)
    ? { MessagingServiceSid: from }
    : { From: from };
  return {
    send: async ({ to, text, expiresAt }) => {
      const left = expiresAt === null ? null : Math.ceil((expiresAt.getTime() - deps.clock.now().getTime()) / 1000);
      const validity: Record<string, string> | null =
        left === null ? null : { ValidityPeriod: String(Math.min(longestValiditySeconds, Math.max(1, left))) };
      const answer = await deps.callOutside({
        url: `${baseUrl}/2010-04-01/Accounts/${accountSid}/Messages.json`,
        method: "POST",
        headers: {
          authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`,
          "content-type": "application/x-www-form-urlencoded",
          accept: "application/json",
        },
        body: new URLSearchParams({ To: to, ...sender, Body: text, ...validity }).toString(),
        timeoutSeconds: 15,
        maxBytes: 64 * 1024,
        attempts: 1,
        repeatable: false,
      });
      return readOutcome(answer);
    },
  };
}

function readOutcome(answer: OutsideOutcome): SmsOutcome {
  if (answer.kind === "failure") return { outcome: "not-now", failure: `twilio ${answer.code ?? answer.why}` };
  if (answer.status === 201) return { outcome: "sent" };
  const code = readCode(answer.body);
  const failure = `twilio ${code ?? answer.status}`;
  return { outcome: code !== undefined && refusedForGood.has(code) ? "refused" : "not-now", failure };
}

/** The number of Twilio's own error, where the answer is one of Twilio's. */
function readCode(body: Buffer): number | undefined {
  try {
    const { code } = JSON.parse(body.toString("utf8")) as { code?: unknown };
    return Number.isInteger(code) ? (code as number) : undefined;
  } catch {
    return undefined;
  }
}

import { randomUUID } from "node:crypto";
import type { KycProvider, SessionReport, SignatureVerdict, Verdict, WebhookContent } from "./port.ts";

/** What the second provider delivers: our own words, because here the room is tested and not a provider's format. */
type Said = { eventId?: string; session: string | null; hint?: string | null; report: SessionReport; resent?: number };

/**
 * A second provider for tests of the room, in Bridge's place: it names its events, and its header says in clear whether
 * the signature holds.
 */
export const secondProvider: KycProvider = {
  name: "bridge",
  sessionLivesSeconds: Number.POSITIVE_INFINITY,
  signatureHeader: "x-signature",
  isShapedLikeOwn: () => false,
  keptHeaders: ["x-signature"],
  startSession: async () => {
    const providerSessionId = randomUUID();
    return { providerSessionId, url: "https://bridge.test/", sessionToken: null, providerStatus: "not_started" };
  },
  verifyWebhook: ({ headers }) => (headers["x-signature"] ?? "missing") as SignatureVerdict,
  readWebhook: (body): WebhookContent => {
    const { eventId, session, hint = null, report } = JSON.parse(body.toString()) as Said;
    const subject = { providerSessionId: session, hint };
    return { kind: "report", subject, report, remarks: [], ...(eventId === undefined ? {} : { eventId }) };
  },
  fetchDecision: async () => undefined,
};

/** A delivery of the second provider. */
export function saidBySecond(said: Said, signature: SignatureVerdict = "valid") {
  return {
    provider: secondProvider,
    delivery: { body: Buffer.from(JSON.stringify(said)), headers: { "x-signature": signature } },
  };
}

/** A decision in our words; `n` orders it within one second. */
export function verdictReport(verdict: Verdict, n: number): SessionReport {
  const refused = verdict === "declined" || verdict === "paused" || verdict === "offboarded";
  return {
    kind: "decision",
    attemptId: null,
    verdict,
    providerStatus: verdict,
    reason: refused ? `Reason of ${verdict} ${n}` : null,
    reasonCode: null,
    decisionTime: `2026-03-02T11:02:09.${String(n).padStart(6, "0")}Z`,
  };
}

/** A provider's verdict on a session, in our words. */
export const verdicts = [
  "approved",
  "declined",
  "resubmission-requested",
  "in-review",
  "expired",
  "abandoned",
  "awaiting-person",
  "paused",
  "offboarded",
] as const;

export type Verdict = (typeof verdicts)[number];

/** What a provider told us of one session, in our words. */
export type SessionReport = {
  kind: "started" | "submitted" | "decision";
  /** Which try of the person it speaks of; resubmission begins a new one. */
  attemptId: string | null;
  /** Present exactly when `kind` is `decision`. */
  verdict: Verdict | null;
  /** The provider's own word. */
  providerStatus: string;
  reason: string | null;
  reasonCode: string | null;
  /** ISO 8601 as the provider wrote it, microseconds and all; null where it gave none that can be read. */
  decisionTime: string | null;
};

/** Which session a delivery is about, and whom the provider takes it to be about. */
export type WebhookSubject = {
  providerSessionId: string | null;
  /** Our user id, or the e-mail address in the PCX form; null where the provider says nothing. */
  hint: string | null;
};

/** What a delivery says, once its signature holds. */
export type WebhookContent = {
  subject: WebhookSubject;
  /** The provider's own name of the event, for ever the same in every copy of it; absent where it names none. */
  eventId?: string;
} & (
  | {
      kind: "report";
      report: SessionReport;
      /** What an operator should know, though it changes nothing: a code that does not go with the status. */
      remarks: string[];
    }
  /** `contradictory`: its parts speak against each other · `unknown`: a shape or status that we do not know · `unreadable`: no JSON object in UTF-8. */
  | { kind: "contradictory" | "unknown" | "unreadable"; why: string }
);

/** A delivery as it came in. */
export type WebhookDelivery = { body: Buffer; headers: Record<string, string | string[] | undefined> };

/** Whether the provider's signature over the exact bytes holds, whether there was one, and whether it is too old to count. */
export type SignatureVerdict = "valid" | "invalid" | "missing" | "stale";

/** What opening a session gives. `url` and `sessionToken` let whoever has them act as the person: never log them. */
export type StartedSession = {
  providerSessionId: string;
  url: string;
  sessionToken: string | null;
  providerStatus: string;
};

/** A party that verifies persons. One folder under `providers/` and one line in `providers/index.ts` each. */
export type KycProvider = {
  /** As in the database, the journal and `users.status_by`. */
  name: ProviderName;
  /** After this time an unused session is dead at the provider. */
  sessionLivesSeconds: number;
  /** Headers worth keeping with a delivery, lower case. */
  keptHeaders: readonly string[];
  /**
   * Opens a session for a person. Goes outside: never inside a transaction.
   *
   * @throws verification-provider-unavailable (503)
   */
  startSession(input: { userId: string; callback: string }): Promise<StartedSession>;
  /** Checks the signature over the exact bytes of a delivery. */
  verifyWebhook(delivery: WebhookDelivery): SignatureVerdict;
  /** Reads a body whose signature holds, now or when a kept delivery is taken up again. */
  readWebhook(body: Buffer): WebhookContent;
  /**
   * What the person is told of a decision, in plain words; null for nothing. Absent where the provider's own reason is
   * written for the person.
   */
  explainDecision?(decision: Pick<SessionReport, "reason" | "reasonCode" | "verdict">): string | null;
  /**
   * Asks for the decision of a session; undefined while there is none. For reconciliation. Goes outside.
   *
   * @throws verification-provider-unavailable (503)
   */
  fetchDecision(providerSessionId: string): Promise<WebhookContent | undefined>;
};

/** Every provider there is. */
export type ProviderName = "veriff" | "bridge";

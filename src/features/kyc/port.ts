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
  /** A second id by which deliveries about the same session may come, before its own is known: that of a KYC link. */
  alsoKnownAs?: string;
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
  /** As in {@link WebhookSubject}. */
  alsoKnownAs?: string;
  /** Null where the provider gave no page. */
  url: string | null;
  sessionToken: string | null;
  providerStatus: string;
};

/** A person as a provider that wants to know them is told; absent parts are not told. */
export type IntroducedPerson = {
  userId: string;
  email: string;
  firstName: string;
  lastName: string;
  /** YYYY-MM-DD. */
  dateOfBirth: string | null;
  /** E.164. */
  phoneNumber: string | null;
  address: {
    line1: string | null;
    line2: string | null;
    city: string | null;
    region: string | null;
    postalCode: string | null;
    /** ISO 3166-1 alpha-2. */
    country: string | null;
  };
};

/** What a provider is told of a person: stored before it is first sent, and sent again byte for byte under the same key. */
export type Introduction = { idempotencyKey: string; body: string; firstSentAt: Date };

/** A party that verifies persons. One folder under `providers/` and one line in `providers/index.ts` each. */
export type KycProvider = {
  /** As in the database, the journal and `users.status_by`. */
  name: ProviderName;
  /** After this time an unused session is dead at the provider; infinite where a person has one for good. */
  sessionLivesSeconds: number;
  /** The header that bears its signature, lower case. */
  signatureHeader: string;
  /** The user's column for the provider's id of the person, where it has one. */
  customerColumn?: "bridge_customer_id";
  /** Headers worth keeping with a delivery, lower case. */
  keptHeaders: readonly string[];
  /**
   * Opens a session for a person. Goes outside: never inside a transaction.
   *
   * @throws verification-provider-unavailable (503); verification-data-refused (400) and IntroductionExpired where there
   * is an introduction
   */
  startSession(input: { userId: string; callback: string; introduction?: Introduction }): Promise<StartedSession>;
  /** Writes the body of an introduction; only where the provider wants to know whom it verifies. */
  introduce?(person: IntroducedPerson): string;
  /**
   * The page where the person accepts the provider's terms and from which they return; only where there is one. Goes
   * outside.
   *
   * @throws verification-provider-unavailable (503)
   */
  getTermsLink?(providerSessionId: string, returnTo: string): Promise<string>;
  /** Whether a body has the shape of this provider's deliveries; says nothing of its truth. */
  isShapedLikeOwn(body: Buffer): boolean;
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

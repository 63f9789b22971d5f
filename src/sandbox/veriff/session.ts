/** Where a session stands, in Veriff's words. */
export type SessionStatus =
  | "created"
  | "started"
  | "submitted"
  | "resubmission_requested"
  | "review"
  | "approved"
  | "declined"
  | "expired"
  | "abandoned";

/** What the client told about the person; every field is optional at Veriff. */
export type GivenPerson = {
  firstName?: string;
  lastName?: string;
  idNumber?: string;
  dateOfBirth?: string;
  gender?: string;
};

/** What the client told about the document. */
export type GivenDocument = { number?: string; type?: string; country?: string };

/** One pass of the person through the pages. A resubmission opens the next one. */
export type Attempt = { id: string; submittedAt: number | null };

/** The newest decision; `decidedAt` in microseconds since 1970. */
export type Decision = {
  status: SessionStatus;
  decidedAt: number;
  decisionTime: string;
  reason: string | null;
  reasonCode: number | string | null;
  /** `verification` as it was sent, repeated by GET decision. */
  verification: Record<string, unknown>;
};

/** One try to hand over a webhook; `status` is null when no HTTP answer came. */
export type Try = { at: string; status: number | null; answer: string };

/** A webhook and what became of it. `body` is sent byte for byte on every try. */
export type Delivery = {
  id: string;
  kind: string;
  body: string;
  state: "pending" | "delivered" | "failed";
  tries: Try[];
  nextTryAt: string | null;
};

/** A verification session of the double. Times are microseconds since 1970, as Veriff's own have that precision. */
export type Session = {
  id: string;
  token: string;
  createdAt: number;
  status: SessionStatus;
  callback: string | null;
  vendorData: string | null;
  endUserId: string | null;
  person: GivenPerson;
  document: GivenDocument;
  attempts: [Attempt, ...Attempt[]];
  decision: Decision | null;
  deliveries: Delivery[];
};

/** The attempt a session is at. */
export function currentAttempt(session: Session): Attempt {
  return session.attempts.at(-1) ?? session.attempts[0];
}

import { formatMicroseconds } from "./microseconds.ts";
import { currentAttempt, type GivenDocument, type GivenPerson, type Session } from "./session.ts";

/** The verdict to put into a body. */
export type Verdict = {
  status: "approved" | "declined" | "resubmission_requested" | "review" | "expired" | "abandoned";
  decisionTime: string;
  reason: string | null;
  reasonCode: number | string | null;
};

const EVENT_CODES = { started: 7001, submitted: 7002 } as const;

/** Codes by status; expired and abandoned share one (Veriff, "Verification session status codes table"). */
const DECISION_CODES: Record<Verdict["status"], number> = {
  approved: 9001,
  declined: 9102,
  resubmission_requested: 9103,
  expired: 9104,
  abandoned: 9104,
  review: 9121,
};

/** The body of an event webhook (Veriff, "Event webhook"). */
export function eventBody(session: Session, action: keyof typeof EVENT_CODES): string {
  return JSON.stringify({
    id: session.id,
    attemptId: currentAttempt(session).id,
    feature: "selfid",
    code: EVENT_CODES[action],
    action,
    vendorData: session.vendorData,
    endUserId: session.endUserId,
  });
}

/**
 * `verification` of a decision webhook (Veriff, "Decision webhook"), with fields no page documents, because Veriff adds
 * fields without notice and a receiver has to bear that.
 */
export function decisionVerification(session: Session, verdict: Verdict): Record<string, unknown> {
  const { submittedAt, id: attemptId } = currentAttempt(session);
  const seen = verdict.status !== "expired" && verdict.status !== "abandoned";
  return {
    id: session.id,
    attemptId,
    vendorData: session.vendorData,
    endUserId: session.endUserId,
    status: verdict.status,
    code: DECISION_CODES[verdict.status],
    reason: verdict.reason,
    reasonCode: verdict.reasonCode,
    person: seen ? seenPerson(session.person, session.document) : null,
    document: seen ? seenDocument(session) : { type: null, country: null },
    comments: [],
    additionalVerifiedData: {},
    riskLabels: [],
    riskScore: { score: 0.04 },
    acceptanceTime: formatMicroseconds(session.createdAt),
    submissionTime: submittedAt === null ? null : formatMicroseconds(submittedAt),
    decisionTime: verdict.decisionTime,
    unannouncedField: { since: "the sandbox double adds this on purpose", levels: [1, null, "three"] },
  };
}

/** The body of a decision webhook. An address is known once the page was opened; 203.0.113.0/24 is for documentation. */
export function decisionBody(verification: Record<string, unknown>): string {
  const ip = verification.status === "expired" ? null : "203.0.113.7";
  return JSON.stringify({ status: "success", verification, technicalData: { ip }, unannouncedRootField: true });
}

// Documents print names in capitals, and so does what is read from them.
function seenPerson(given: GivenPerson, document: GivenDocument): Record<string, unknown> {
  const dateOfBirth = given.dateOfBirth ?? "1990-01-01";
  return {
    firstName: (given.firstName ?? "Sam").toUpperCase(),
    lastName: (given.lastName ?? "Specimen").toUpperCase(),
    fullName: null,
    dateOfBirth,
    yearOfBirth: dateOfBirth.slice(0, 4),
    placeOfBirth: null,
    gender: given.gender?.slice(0, 1) ?? null,
    idNumber: given.idNumber ?? null,
    nationality: document.country ?? "NG",
    citizenship: null,
    addresses: [],
    pepSanctionMatch: null,
    unannouncedPersonField: null,
  };
}

function seenDocument({ id, document }: Session): Record<string, unknown> {
  return {
    type: document.type ?? "PASSPORT",
    number: document.number ?? `X${String(Number.parseInt(id.slice(0, 8), 16) % 100_000_000).padStart(8, "0")}`,
    country: document.country ?? "NG",
    state: null,
    validFrom: "2021-02-01",
    validUntil: "2031-01-31",
    firstIssue: null,
    placeOfIssue: null,
    remarks: null,
    specimen: false,
    unannouncedDocumentField: "kept on purpose",
  };
}

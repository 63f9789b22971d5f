import { formatMicroseconds } from "./microseconds.ts";
import { type Action, listAllowedActions } from "./play-action.ts";
import { currentAttempt, type Delivery, type Session } from "./session.ts";

/** A session as the double's own script API shows it. */
export type SessionView = {
  id: string;
  url: string;
  status: string;
  vendorData: string | null;
  endUserId: string | null;
  attemptId: string;
  attempts: number;
  createdAt: string;
  decision: {
    status: string;
    reason: string | null;
    reasonCode: number | string | null;
    decisionTime: string;
  } | null;
  deliveries: {
    id: string;
    kind: string;
    state: string;
    status: number | null;
    tries: number;
    nextTryAt: string | null;
  }[];
  allowedActions: readonly Action[];
};

/** Shows a session to scripts; `url` is what the person opens. */
export function viewSession(publicUrl: string, session: Session): SessionView {
  const { id, status, vendorData, endUserId, attempts, decision } = session;
  return {
    id,
    url: hostedUrl(publicUrl, session),
    status,
    vendorData,
    endUserId,
    attemptId: currentAttempt(session).id,
    attempts: attempts.length,
    createdAt: formatMicroseconds(session.createdAt),
    decision: decision && {
      status: decision.status,
      reason: decision.reason,
      reasonCode: decision.reasonCode,
      decisionTime: decision.decisionTime,
    },
    deliveries: session.deliveries.map((delivery) => ({
      id: delivery.id,
      kind: delivery.kind,
      state: delivery.state,
      status: lastStatus(delivery),
      tries: delivery.tries.length,
      nextTryAt: delivery.nextTryAt,
    })),
    allowedActions: listAllowedActions(session),
  };
}

/** The address of a session's hosted page. */
export function hostedUrl(publicUrl: string, session: Session): string {
  return `${publicUrl}/v/${session.token}`;
}

/** The receiver's newest HTTP status, or null when it gave none. */
export function lastStatus(delivery: Delivery): number | null {
  return delivery.tries.at(-1)?.status ?? null;
}

import type { Once } from "../../foundation/database/index.ts";
import type { UserRow } from "../users/index.ts";
import type { KycDeps } from "./deps.ts";
import { verificationStarting } from "./errors.ts";
import { getProvider } from "./get-provider.ts";
import type { Introduction, ProviderName } from "./port.ts";
import { reserveSession } from "./reserve-session.ts";
import { deleteReservation, getSession } from "./sessions.queries.ts";
import { storeSession } from "./store-session.ts";
import type { OriginalRequest, SessionRow } from "./tables.ts";

/** What is asked for. */
export type SessionOrder = {
  userId: string;
  provider: ProviderName;
  request: OriginalRequest;
  /** Open a new session even if one is open; the old one no longer counts. */
  restart: boolean;
  /** For the journal and the record: who asked. */
  requestedBy: { kind: "user" | "service"; id: string };
  /** The caller's Idempotency-Key, if any. */
  once: Once | undefined;
  requestId: string;
  /** For providers that are told of the person: stores what they are told, and gives it. Asked before the call outside. */
  introduce?(): Promise<Introduction>;
  /** Throws when this person may not have a session now; asked under their lock, before and after the call outside. */
  check(user: UserRow): void;
};

/** Opens a session, or gives the open one. */
export type OpenSession = (order: SessionOrder) => Promise<SessionRow>;

/**
 * Makes the opening of sessions. In three steps, because a call to the outside never happens inside a transaction:
 * reserve (a unique index lets one request through), ask the provider, store. A process that dies between leaves a
 * reservation, which is taken over after a minute.
 *
 * Parallel requests in this process share the outcome of the one under way; in another process they are told to come
 * back (409). That memory spares a round trip and decides nothing: the database does.
 *
 * A repeat with the Idempotency-Key that made a session gets that session, as it stands now, for 24 hours. Links rest
 * sealed with the person's key, so no answer is kept for replay.
 *
 * @throws verification-starting (409), verification-provider-unavailable (503), idempotency-key-reused (422), and
 * whatever the order's `check` throws
 */
export function createOpenSession(deps: KycDeps): OpenSession {
  const underWay = new Map<string, Promise<SessionRow>>();
  const open = async (order: SessionOrder, ownId: string): Promise<SessionRow> => {
    const reserved = await reserveSession(deps, order, ownId);
    if (reserved.kind === "known") return reserved.session;
    if (reserved.kind === "ours") return callAndStore(deps, order, ownId);
    const other = underWay.get(reserved.sessionId);
    if (other) return other;
    // It may have been stored since we looked. Where it is still reserved, another process is at it.
    const again = await reserveSession(deps, order, ownId);
    if (again.kind === "known") return again.session;
    if (again.kind === "ours") return callAndStore(deps, order, ownId);
    throw verificationStarting({ retryAfterSeconds: 1 });
  };
  return (order) => {
    const ownId = deps.ids.uuid();
    const opening = open(order, ownId).finally(() => underWay.delete(ownId));
    underWay.set(ownId, opening);
    return opening;
  };
}

async function callAndStore(deps: KycDeps, order: SessionOrder, sessionId: string): Promise<SessionRow> {
  const provider = getProvider(deps.providers, order.provider);
  try {
    const { userId, request } = order;
    const introduction = await order.introduce?.();
    const started = await provider.startSession({ userId, callback: request.callback, introduction });
    await storeSession(deps, { order, provider, sessionId, started });
  } catch (error) {
    await deleteReservation(deps.db, sessionId);
    throw error;
  }
  return getSession(deps.db, sessionId);
}

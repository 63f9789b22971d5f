import type { Transaction } from "kysely";
import { addSeconds } from "../../foundation/clock/index.ts";
import type { Database, Once } from "../../foundation/database/index.ts";
import { idempotencyKeyReused } from "../../foundation/errors/common.ts";
import { lockUser } from "../users/index.ts";
import type { KycDeps } from "./deps.ts";
import { getProvider } from "./get-provider.ts";
import type { SessionOrder } from "./open-session.ts";
import {
  deleteReservation,
  findSessionByRequestKey,
  insertReservation,
  listPresentSessions,
  updateSession,
} from "./sessions.queries.ts";
import type { SessionRow } from "./tables.ts";

/** What a request to open a session found. */
export type Reserved =
  | { kind: "known"; session: SessionRow }
  | { kind: "ours" }
  | { kind: "theirs"; sessionId: string };

/** A reservation older than this belongs to a process that died: the call outside takes 15 seconds at most. */
const reservationLivesSeconds = 60;

/** How long an Idempotency-Key is honoured. */
const keyLivesSeconds = 24 * 3600;

const openStates: readonly SessionRow["state"][] = ["created", "started", "submitted"];

/** Of a provider where a person has one session for good, no decision ends it. */
const lastingStates: readonly SessionRow["state"][] = [...openStates, "success", "rejected", "expired"];

/**
 * Finds the session to give, or reserves the place of a new one under `sessionId`.
 *
 * @throws idempotency-key-reused, and whatever the order's `check` throws
 */
export async function reserveSession(deps: KycDeps, order: SessionOrder, sessionId: string): Promise<Reserved> {
  const { userId, provider, request } = order;
  return deps.db.transaction().execute(async (trx): Promise<Reserved> => {
    const user = await lockUser(trx, userId);
    const remembered = order.once && (await recall(deps, trx, order.once));
    if (remembered && remembered.state !== "reserved") return { kind: "known", session: remembered };
    order.check(user);
    const sessions = await listPresentSessions(trx, { userId, provider, purpose: request.purpose });
    const reservation = sessions.find(({ state }) => state === "reserved");
    if (reservation && !isOlder(deps, reservation, reservationLivesSeconds)) {
      return { kind: "theirs", sessionId: reservation.session_id };
    }
    const lives = getProvider(deps.providers, provider).sessionLivesSeconds;
    const present = lives === Number.POSITIVE_INFINITY ? lastingStates : openStates;
    const open = sessions.find(({ state }) => present.includes(state));
    if (open && !order.restart && !isOlder(deps, open, lives)) return { kind: "known", session: open };
    if (reservation) await deleteReservation(trx, reservation.session_id);
    await reserve(deps, trx, order, sessionId);
    return { kind: "ours" };
  });
}

function isOlder({ clock }: KycDeps, session: SessionRow, seconds: number): boolean {
  return seconds !== Number.POSITIVE_INFINITY && addSeconds(session.created_at, seconds) <= clock.now();
}

async function recall(deps: KycDeps, trx: Transaction<Database>, once: Once): Promise<SessionRow | undefined> {
  const session = await findSessionByRequestKey(trx, once.keyHash);
  if (!session) return undefined;
  if (isOlder(deps, session, keyLivesSeconds)) {
    await updateSession(trx, session.session_id, { request_key: null, request_digest: null });
    return undefined;
  }
  if (!session.request_digest?.equals(once.requestHash)) throw idempotencyKeyReused();
  return session;
}

/** One key for the sessions of two persons at once is a key used twice. */
async function reserve(
  deps: KycDeps,
  trx: Transaction<Database>,
  order: SessionOrder,
  sessionId: string,
): Promise<void> {
  const now = deps.clock.now();
  const row = {
    session_id: sessionId,
    user_id: order.userId,
    provider: order.provider,
    purpose: order.request.purpose,
    state: "reserved",
    requested_by: `${order.requestedBy.kind} ${order.requestedBy.id}`,
    original_request: JSON.stringify(order.request),
    request_key: order.once?.keyHash ?? null,
    request_digest: order.once?.requestHash ?? null,
    created_at: now,
    updated_at: now,
  };
  if (!(await insertReservation(trx, row))) throw idempotencyKeyReused();
}

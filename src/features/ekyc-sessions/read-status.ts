import type { Static } from "typebox";
import { type Kyc, listSessions, type SessionRow } from "../kyc/index.ts";
import { presentSession } from "./present-session.ts";
import type { statusSchema } from "./schemas.ts";

type Status = Static<typeof statusSchema>;

/** Where a person's verification stands: never an error for somebody who has none, but empty slots. */
export async function readStatus(deps: Pick<Kyc, "db" | "clock">, userId: string): Promise<Status> {
  const sessions = await listSessions(deps.db, userId);
  const newestIn = (state: SessionRow["state"]) => {
    const found = sessions.find((session) => session.state === state);
    return found ? presentSession(found) : null;
  };
  return {
    timestamp: deps.clock.now().toISOString(),
    total_sessions: sessions.length,
    verification: verificationOf(sessions),
    started: newestIn("started"),
    rejected: newestIn("rejected"),
    success: newestIn("success"),
    expired: newestIn("expired"),
    submitted: newestIn("submitted"),
    created: newestIn("created"),
  };
}

/**
 * The result on the person: of the newest required session that counts and went beyond its opening; null before. One that
 * was only opened at a second provider takes nothing away from the first one's word.
 */
function verificationOf(sessions: readonly SessionRow[]): Status["verification"] {
  const counts = ({ purpose, superseded_at, state }: SessionRow) =>
    purpose === "required" && superseded_at === null && state !== "created";
  const current = sessions.find(counts);
  if (!current) return null;
  const { state, verdict, reason, decision_time, updated_at } = current;
  const isDecided = state === "success" || state === "rejected" || state === "expired";
  return {
    status: state === "expired" && verdict === "abandoned" ? "abandoned" : state,
    reason,
    timestamp: new Date((isDecided && decision_time) || updated_at).toISOString(),
  };
}

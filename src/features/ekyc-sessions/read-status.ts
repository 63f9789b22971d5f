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

/** The result on the person: of the required session that counts, once it went beyond its opening; null before. */
function verificationOf(sessions: readonly SessionRow[]): Status["verification"] {
  const current = sessions.find(({ purpose, superseded_at }) => purpose === "required" && superseded_at === null);
  if (!current || current.state === "created") return null;
  const { state, verdict, reason, decision_time, updated_at } = current;
  const isDecided = state === "success" || state === "rejected" || state === "expired";
  return {
    status: state === "expired" && verdict === "abandoned" ? "abandoned" : state,
    reason,
    timestamp: new Date((isDecided && decision_time) || updated_at).toISOString(),
  };
}

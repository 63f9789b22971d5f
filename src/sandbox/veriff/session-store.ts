import { openStateFile } from "../state-file.ts";
import type { Session } from "./session.ts";

/** All sessions of the double, in memory and, with a state file, across restarts. */
export type SessionStore = {
  findSession(id: string): Session | undefined;
  findSessionByToken(token: string): Session | undefined;
  /** Newest first. */
  listSessions(filter: { vendorData?: string; limit?: number }): Session[];
  /** Keeps a new or changed session before it returns. */
  saveSession(session: Session): void;
  close(): void;
};

const KEPT_SESSIONS = 10_000;

/** Opens the store; only the newest 10,000 sessions are kept. */
export function openSessionStore(stateFile: string | undefined): SessionStore {
  const file = openStateFile<Session>(stateFile);
  const sessions = new Map([...file.initial].sort(([, left], [, right]) => left.createdAt - right.createdAt));
  const idsByToken = new Map([...sessions.values()].map((session) => [session.token, session.id]));
  return {
    findSession: (id) => sessions.get(id),
    findSessionByToken: (token) => sessions.get(idsByToken.get(token) ?? ""),
    listSessions({ vendorData, limit = 50 }) {
      const matching = [...sessions.values()].reverse();
      return matching.filter((one) => vendorData === undefined || one.vendorData === vendorData).slice(0, limit);
    },
    saveSession(session) {
      sessions.set(session.id, session);
      idsByToken.set(session.token, session.id);
      file.put(session.id, session);
      const oldest = sessions.values().next().value;
      if (sessions.size <= KEPT_SESSIONS || !oldest) return;
      sessions.delete(oldest.id);
      idsByToken.delete(oldest.token);
      file.remove(oldest.id);
    },
    close: () => file.close(),
  };
}

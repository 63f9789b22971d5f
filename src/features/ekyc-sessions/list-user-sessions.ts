import type { Static } from "typebox";
import { findLink, type Kyc, listSessions } from "../kyc/index.ts";
import { noSessions } from "./errors.ts";
import { isOpen, presentSession } from "./present-session.ts";
import type { originalRequestSchema, userSessionsSchema } from "./schemas.ts";

/** What reading sessions needs. */
type ReadDeps = Pick<Kyc, "db" | "personKeys">;

/**
 * All sessions of a person by request id, newest first. Links of open sessions are shown to the person only.
 *
 * @throws no-ekyc-sessions (404)
 */
export async function listUserSessions(
  deps: ReadDeps,
  input: { userId: string; withLinks: boolean },
): Promise<Static<typeof userSessionsSchema>> {
  const rows = await listSessions(deps.db, input.userId);
  if (rows.length === 0) throw noSessions();
  const entries = rows.map(async (row) => {
    const link = input.withLinks && isOpen(row) ? await findLink(deps, deps.db, row) : undefined;
    return [row.session_id, presentSession(row, link)] as const;
  });
  return { id: input.userId, sessions: Object.fromEntries(await Promise.all(entries)) };
}

/**
 * What was asked for when the newest session was opened.
 *
 * @throws no-ekyc-sessions (404)
 */
export async function getCurrentRequest(
  deps: Pick<Kyc, "db">,
  userId: string,
): Promise<Static<typeof originalRequestSchema>> {
  const [newest] = await listSessions(deps.db, userId);
  if (!newest) throw noSessions();
  return newest.original_request;
}

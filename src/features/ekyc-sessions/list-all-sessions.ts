import type { Static } from "typebox";
import { type Kyc, listPeopleWithSessions, listSessionsOfPeople, type SessionRow } from "../kyc/index.ts";
import { presentSession } from "./present-session.ts";
import type { userSessionsSchema } from "./schemas.ts";

type UserSessions = Static<typeof userSessionsSchema>;

/** A page of everybody who has sessions, in the order of their first one, without links. */
export async function listAllSessions(
  { db }: Pick<Kyc, "db">,
  page: { limit: number; start: number },
): Promise<UserSessions[]> {
  const people = await listPeopleWithSessions(db, page);
  const byPerson = new Map<string, SessionRow[]>(people.map((userId) => [userId, []]));
  for (const row of await listSessionsOfPeople(db, people)) byPerson.get(row.user_id)?.push(row);
  return [...byPerson].map(([id, rows]) => ({
    id,
    sessions: Object.fromEntries(rows.map((row) => [row.session_id, presentSession(row)])),
  }));
}

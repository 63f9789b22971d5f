import type { Db } from "../../foundation/database/index.ts";
import type { PersonKeys } from "../personal-data/index.ts";
import type { SessionRow } from "./tables.ts";

/** What lets a browser act as the person at the provider. */
export type SessionLink = { url: string; sessionToken: string | null };

const field = "kyc-link";

/** Seals a link with the person's key. */
export async function sealLink(
  deps: { personKeys: PersonKeys },
  db: Db,
  userId: string,
  link: SessionLink,
): Promise<string> {
  return deps.personKeys.sealFor(db, userId, field, link);
}

/** The link of a session; undefined when the person was erased. For the person, and for whoever opened the session for them. */
export async function findLink(
  deps: { personKeys: PersonKeys },
  db: Db,
  session: Pick<SessionRow, "user_id" | "link_sealed">,
): Promise<SessionLink | undefined> {
  if (session.link_sealed === null) return undefined;
  return deps.personKeys.findOpenFor<SessionLink>(db, session.user_id, field, session.link_sealed);
}

import type { Static } from "typebox";
import type { SessionLink, SessionRow } from "../kyc/index.ts";
import type { sessionSchema } from "./schemas.ts";

/** A session as eKYC clients know it. */
export type PresentedSession = Static<typeof sessionSchema>;

const openStates: readonly SessionRow["state"][] = ["created", "started", "submitted"];

/** Whether the person can still do something at the provider. */
export function isOpen(row: SessionRow): boolean {
  return row.superseded_at === null && openStates.includes(row.state);
}

/** Shows a session; with its link only to those who may act as the person. */
export function presentSession(row: SessionRow, link?: SessionLink): PresentedSession {
  if (row.state === "reserved" || row.provider_session_id === null) {
    throw new Error("A reservation is shown to nobody.");
  }
  return {
    ...(link ? { url: link.url } : {}),
    ...(link?.sessionToken ? { sessionToken: link.sessionToken } : {}),
    id: row.provider_session_id,
    status: row.state,
    creation_date: row.created_at.toISOString(),
    modified_date: row.updated_at.toISOString(),
    original_request: row.original_request,
  };
}

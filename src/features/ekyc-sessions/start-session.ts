import type { Once } from "../../foundation/database/index.ts";
import { findLink, type Kyc, type Purpose } from "../kyc/index.ts";
import { checkPerson } from "./check-person.ts";
import { type PresentedSession, presentSession } from "./present-session.ts";
import { readCallback } from "./read-callback.ts";

/** Who is to be verified, who asks, and how. */
export type StartSession = {
  /** UUID of the person: themselves for the person's own call, another for a service account's. */
  userId: string;
  requestedBy: { kind: "user" | "service"; id: string };
  callback?: string;
  /** Origins registered for the caller itself; beside the operator's. */
  callbackOrigins?: readonly string[];
  restart?: boolean;
  purpose?: Purpose;
  once: Once | undefined;
  requestId: string;
};

/**
 * Opens a verification session for a person, or gives the open one.
 *
 * @throws invalid-request naming `callback`; verification-not-allowed, verification-data-missing, below-minimum-age;
 * verification-starting, verification-provider-unavailable; idempotency-key-reused; user-not-found
 */
export async function startSession(kyc: Kyc, input: StartSession): Promise<PresentedSession> {
  const purpose = input.purpose ?? "required";
  const session = await kyc.openSession({
    userId: input.userId,
    provider: "veriff",
    request: { callback: readCallback(kyc.callbacks, input.callback, input.callbackOrigins), purpose },
    restart: input.restart ?? false,
    requestedBy: input.requestedBy,
    once: input.once,
    requestId: input.requestId,
    check: (user) => checkPerson(kyc, user, purpose),
  });
  return presentSession(session, await findLink(kyc, kyc.db, session));
}

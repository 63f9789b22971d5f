import type { Transaction } from "kysely";
import type { Database } from "../../foundation/database/index.ts";
import { type KycFields, lockUser, setKycFields, type UserRow } from "../users/index.ts";
import { applyUnmatched, learnName } from "./apply-unmatched.ts";
import type { KycDeps } from "./deps.ts";
import { verificationStarting } from "./errors.ts";
import type { SessionOrder } from "./open-session.ts";
import { planCheck } from "./plan-check.ts";
import type { KycProvider, StartedSession } from "./port.ts";
import { sealLink } from "./seal-link.ts";
import { fillReservation, listPresentSessions, lockProviderSession, updateSession } from "./sessions.queries.ts";

/**
 * Stores what the provider opened, in one transaction: the reservation becomes the session that counts, an older one
 * steps back, deliveries that were quicker than we are applied, the journal tells.
 *
 * @throws verification-starting when another request took the reservation over, and whatever the order's `check` throws:
 * the person's standing may have changed during the call. The provider's session then stays unused.
 */
export async function storeSession(
  deps: KycDeps,
  input: { order: SessionOrder; provider: KycProvider; sessionId: string; started: StartedSession },
): Promise<void> {
  const { order, provider, sessionId, started } = input;
  const { userId, requestId } = order;
  const { purpose } = order.request;
  await deps.db.transaction().execute(async (trx) => {
    const user = await lockUser(trx, userId);
    order.check(user);
    await lockProviderSession(trx, provider.name, started.providerSessionId);
    const superseded = await supersedeOthers(deps, trx, input);
    const filled = await fillReservation(trx, sessionId, {
      state: "created",
      provider_session_id: started.providerSessionId,
      provider_status: started.providerStatus,
      link_sealed: await sealPage(deps, trx, userId, started),
      updated_at: deps.clock.now(),
      next_check_at: planCheck("created", 0, deps.clock.now()),
    });
    if (!filled) throw verificationStarting({ retryAfterSeconds: 1 });
    const current =
      purpose === "required" ? await setKycFields(deps, trx, userId, factsOf(provider, started, user)) : user;
    await deps.journal.record(trx, {
      actor: order.requestedBy,
      action: "kyc.session-created",
      subject: { kind: "user", id: userId },
      changes: {
        session_id: { before: superseded, after: sessionId },
        provider: { before: null, after: provider.name },
        purpose: { before: null, after: purpose },
      },
      requestId,
    });
    const found = { provider, sessionId, requestId };
    const told = await applyUnmatched(deps, trx, {
      ...found,
      providerSessionId: started.providerSessionId,
      user: current,
    });
    if (started.alsoKnownAs !== undefined)
      await learnName(deps, trx, { ...found, name: started.alsoKnownAs, user: told });
  });
}

/** A session at a second provider does not hide the one by which the person was first verified, until it is heard of. */
function factsOf(provider: KycProvider, started: StartedSession, user: UserRow): KycFields {
  const { customerColumn } = provider;
  const known = { kyc_session_id: started.providerSessionId, kyc_status: started.providerStatus };
  if (customerColumn === undefined) return known;
  return { ...(user.kyc_session_id === null ? known : {}), [customerColumn]: started.providerSessionId };
}

async function sealPage(
  deps: KycDeps,
  trx: Transaction<Database>,
  userId: string,
  { url, sessionToken }: StartedSession,
): Promise<string | null> {
  return url === null ? null : sealLink(deps, trx, userId, { url, sessionToken });
}

/** The id of the session that counted until now, or null. */
async function supersedeOthers(
  deps: KycDeps,
  trx: Transaction<Database>,
  { order, provider }: { order: SessionOrder; provider: KycProvider },
): Promise<string | null> {
  const place = { userId: order.userId, provider: provider.name, purpose: order.request.purpose };
  const current = (await listPresentSessions(trx, place)).find(({ state }) => state !== "reserved");
  if (!current) return null;
  await updateSession(trx, current.session_id, { superseded_at: deps.clock.now() });
  return current.session_id;
}

import type { Transaction } from "kysely";
import type { Database } from "../../foundation/database/index.ts";
import { type Actor, collectEntries, type NewEntry } from "../journal/index.ts";
import type { UserRow } from "../users/index.ts";
import { type Effect, isAbout, type KycCase } from "./decide-effect.ts";
import type { KycDeps } from "./deps.ts";
import { hasEffect } from "./describe-delivery.ts";
import { letUserFollow } from "./let-user-follow.ts";

/** How the journal tells of what no delivery told us: who says so, and under which action. */
export type Heard = { actor: Actor; action: string };

/** What is carried out, and what told of it. */
export type Deed = {
  effect: Effect;
  /** Null where no delivery told it: `heard` says then who did. */
  deliveryId: string | null;
  requestId: string;
  heard?: Heard;
  /** The delivery has its entry in the person's journal already: it was replayed. */
  again?: boolean;
};

/**
 * Lets the person follow what `decideEffect` decided, and journals it, in one insert. The caller holds the user's lock,
 * and has stored delivery and observation.
 *
 * @returns the user as they stand now, or null when the delivery is not about them
 */
export async function carryOutEffect(
  deps: KycDeps,
  trx: Transaction<Database>,
  kycCase: KycCase,
  deed: Deed,
): Promise<UserRow | null> {
  const { effect, requestId } = deed;
  if (!isAbout(effect)) return null;
  const { journal, write } = collectEntries(deps.journal);
  await journal.record(trx, { ...describeEffect(kycCase, deed), requestId });
  const follows = effect.told !== undefined && effect.outcome === "applied";
  const user = follows ? await letUserFollow({ ...deps, journal }, trx, kycCase, deed) : kycCase.user;
  await write(trx);
  return user;
}

const actions = {
  started: "kyc.session-started",
  submitted: "kyc.session-submitted",
  decision: "kyc.decision-applied",
};

function describeEffect({ user, session }: KycCase, { effect, deliveryId, heard, again }: Deed): NewEntry {
  const actor: Actor = heard?.actor ?? { kind: "provider", id: session.provider };
  const about = { actor, subject: { kind: "user", id: user.user_id } } as const;
  // A replay is no second delivery: it stands under a name of its own.
  const place = { [again ? "replayed_delivery_id" : "delivery_id"]: { before: null, after: deliveryId } };
  const { told, outcome } = effect;
  if (!told || !hasEffect(effect)) {
    const changes = { ...place, outcome: { before: null, after: outcome } };
    return { ...about, action: heard?.action ?? "kyc.delivery-kept", changes };
  }
  const { report, before, after } = told;
  return {
    ...about,
    action: heard?.action ?? actions[report.kind],
    changes: {
      session_id: { before: session.session_id, after: session.session_id },
      provider: { before: session.provider, after: session.provider },
      session_state: { before: before.state, after: after.state },
      provider_status: { before: before.providerStatus, after: after.providerStatus },
      reason_code: { before: before.reasonCode, after: after.reasonCode },
      ...place,
    },
    ...(after.reason === null ? {} : { personal: { reason: after.reason } }),
  };
}

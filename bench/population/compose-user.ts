import { v7 } from "uuid";
import { composeProfile } from "./compose-profile.ts";
import type { Life, Moved } from "./live-through.ts";
import { createPicker, type Random } from "./random.ts";

/** What the composition of one user starts from. */
export type UserSeed = { userId: string; number: number; createdAt: Date; until: Date; operator: boolean };

/** A UUID version 7 of a moment (RFC 9562), repeatable. */
export function uuidAt(random: Random, moment: Date): string {
  return v7({ msecs: moment.getTime(), random: random.bytes(16), seq: random.below(2 ** 31) });
}

/** The columns of `users`. The id is left to the database. */
export function composeUser(random: Random, seed: UserSeed, { standing, since, moves }: Life) {
  const { number, userId, createdAt, until, operator } = seed;
  const profile = composeProfile(random, seed);
  const timeOf = (event: Moved["event"]) => moves.findLast((move) => move.event === event)?.at ?? null;
  const confirmedAt = timeOf("email-confirmed");
  const approvedAt = timeOf("verification-approved");
  const reached = (share: number) => (confirmedAt && random.chance(share) ? confirmedAt : null);
  return {
    ...profile,
    ...(operator
      ? { email: `operator.${number}@usher.example`, role: "admin", type: "internal-admin" }
      : drawRights(random)),
    user_id: userId,
    account_type: !operator && random.chance(0.01) ? "arbitrator" : "standard",
    status: standing.status,
    status_before: standing.statusBefore,
    status_by: standing.statusBy,
    status_since: since,
    email_verified_at: confirmedAt,
    phone_verified_at: profile.phone_number ? reached(0.6) : null,
    sca_verified_at: reached(0.5),
    additional_data_at: reached(0.7),
    ...describeVerification(moves),
    kyc_approved_at: standing.status === "active" ? approvedAt : null,
    kyc_first_approved_at: moves.find((move) => move.event === "verification-approved")?.at ?? null,
    created_at: createdAt,
    updated_at: since < until ? since : until,
    version: 1 + moves.length,
  };
}

// biome-ignore format: a table reads best aligned
const pickRights = createPicker([
  { share: 90, role: "retail",     type: "user" },
  { share: 6,  role: "freelancer", type: "user" },
  { share: 3,  role: "retail",     type: "merchant" },
  { share: 1,  role: "org-staff",  type: "staff" },
], ({ share }) => share);

function drawRights(random: Random): { role: string; type: string } {
  const { role, type } = pickRights(random);
  return { role, type };
}

/** The provider's words for where the newest session stands. */
function describeVerification(moves: readonly Moved[]) {
  const last = moves.findLast((move) => move.event.startsWith("verification-"));
  const word = last?.event.slice("verification-".length) ?? null;
  return {
    kyc_status: word,
    kyc_submitted_at: last && word !== "started" && word !== "expired" ? last.at : null,
    kyc_failure_reason: word === "declined" ? "Document could not be confirmed" : null,
  };
}

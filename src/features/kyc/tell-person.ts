import type { Transaction } from "kysely";
import type { Database } from "../../foundation/database/index.ts";
import type { UserStatus } from "../lifecycle/index.ts";
import type { NewMessage } from "../notifications/index.ts";
import type { UserRow } from "../users/index.ts";
import type { CaseSession } from "./cases.queries.ts";
import type { KycDeps } from "./deps.ts";
import type { DerivedSession, Standing } from "./derive-session.ts";
import type { ProviderName } from "./port.ts";

/** What happened to a person: their record before and after, what the session became, and what decided. */
export type Turn = {
  before: UserRow;
  user: UserRow;
  session: CaseSession;
  told: { before: DerivedSession; after: DerivedSession };
  /** The session that the person's standing rests on now. */
  decided: { provider: ProviderName; derived: DerivedSession };
};

type Telling = Omit<NewMessage<"kyc-approved" | "kyc-rejected" | "kyc-blocked" | "kyc-resubmit">, "userId" | "to">;

/**
 * Tells the person by e-mail what was decided: only where they really moved, or were newly asked to hand in again. So a
 * repeat, a late or weaker delivery, and a verdict that moved nothing tell nobody. Row and job are part of the deed's
 * transaction. Without an e-mail address there is no message.
 */
export async function tellPerson(deps: KycDeps, trx: Transaction<Database>, turn: Turn): Promise<void> {
  const { email, user_id: userId } = turn.user;
  const telling = findTelling(deps, turn);
  if (email !== null && telling) await deps.messages.send(trx, { userId, to: email, ...telling });
}

/** What the states mean that a verdict leads to. */
const turns: Partial<Record<UserStatus, Standing>> = { active: "approved", rejected: "declined", blocked: "blocked" };

/** Who can do something about a request to hand in again. */
const mayHandIn = {
  required: ["not_verified", "pending_verification"],
  optional: ["not_verified", "pending_verification", "active"],
} satisfies Record<string, UserStatus[]>;

function findTelling(deps: KycDeps, { before, user, session, told, decided }: Turn): Telling | undefined {
  const { purpose } = session;
  const moved = user.status === before.status ? undefined : turns[user.status];
  const turned = told.after.standing === told.before.standing ? undefined : told.after.standing;
  const standing = purpose === "required" ? moved : turned;
  const { provider, derived } = decided;
  const reason = () => explain(deps, provider, derived.standingDecision);
  if (standing === "approved") return { template: "kyc-approved", values: { purpose } };
  if (standing === "declined") return { template: "kyc-rejected", values: { purpose, reason: reason() } };
  if (standing === "blocked") return { template: "kyc-blocked", values: { reason: reason() } };
  const asked = isNewRequest(told) && (mayHandIn[purpose] as UserStatus[]).includes(user.status);
  return asked
    ? { template: "kyc-resubmit", values: { todo: explain(deps, session.provider, told.after) } }
    : undefined;
}

/** Not where the next attempt was handed in before we heard that one was asked for. */
function isNewRequest({ before, after }: Turn["told"]): boolean {
  const asks = ({ verdict }: DerivedSession) => verdict === "resubmission-requested";
  if (!asks(after) || after.state !== "started") return false;
  return !asks(before) || before.decisionTime !== after.decisionTime;
}

/** A provider's reason goes to the person as it is only where the provider wrote it for them. */
function explain(
  { providers }: KycDeps,
  name: ProviderName,
  decision: Pick<DerivedSession, "reason" | "reasonCode" | "verdict"> | undefined,
): string | null {
  if (!decision) return null;
  const provider = providers[name];
  return provider?.explainDecision ? provider.explainDecision(decision) : decision.reason;
}

import type { Static } from "typebox";
import type { Reads } from "../../foundation/database/index.ts";
import { toGateCode } from "../lifecycle/index.ts";
import { userNotFound } from "./errors.ts";
import { explainGate } from "./explain-gate.ts";
import { createGateFactsShelf } from "./gate-facts-shelf.ts";
import type { gateSchema } from "./schemas.ts";
import { findGateFacts, type GateFacts } from "./users.queries.ts";

export type GateAnswer = Static<typeof gateSchema>;

/** The question of every other service: may this user proceed? */
export type Gate = {
  /** What the answer rests on, as it is now: read together with what others ask for, or kept and proven unchanged. */
  read(id: number): Promise<GateFacts | undefined>;
  /** @throws user-not-found where nothing was read */
  answer(facts: GateFacts | undefined, options: { explain: boolean }): GateAnswer;
};

/** Makes the gate. */
export function createGate({ reads }: { reads: Reads }): Gate {
  return {
    read: reads.kept(async (db, ids: readonly number[]) => {
      const found = new Map((await findGateFacts(db, ids)).map((facts) => [facts.id, facts]));
      return (id: number): GateFacts | undefined => found.get(id);
    }, createGateFactsShelf()),
    answer: (facts, { explain }) => {
      if (!facts) throw userNotFound();
      const answer = {
        isEmailVerified: facts.email_verified,
        isPhoneNumberVerified: facts.phone_verified,
        isScaVerified: facts.sca_verified,
        isAdditionalData: facts.additional_data,
        isOptionalKyc: facts.optional_kyc,
        status: toGateCode(facts.status),
      };
      return explain ? { ...answer, ...explainGate(facts) } : answer;
    },
  };
}

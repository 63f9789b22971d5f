import DataLoader from "dataloader";
import type { Static } from "typebox";
import type { Db } from "../../foundation/database/index.ts";
import { toGateCode } from "../lifecycle/index.ts";
import { userNotFound } from "./errors.ts";
import { explainGate } from "./explain-gate.ts";
import type { gateSchema } from "./schemas.ts";
import { findGateFacts, type GateFacts } from "./users.queries.ts";

export type GateAnswer = Static<typeof gateSchema>;

/** Answers the question of every other service: may this user proceed? */
export type Gate = (id: number, options: { explain: boolean }) => Promise<GateAnswer>;

/**
 * Makes the gate. Reads are always fresh, and batched: what arrives in one turn of the event loop is one query. The
 * default schedule of DataLoader waits for promise jobs only and would never batch across requests.
 *
 * The gate @throws user-not-found
 */
export function createGate({ db }: { db: Db }): Gate {
  const loader = new DataLoader<number, GateFacts | null>(
    async (ids) => {
      const found = new Map((await findGateFacts(db, ids)).map((facts) => [facts.id, facts]));
      return ids.map((id) => found.get(id) ?? null);
    },
    { cache: false, maxBatchSize: 500, batchScheduleFn: (run) => setImmediate(run) },
  );
  return async (id, { explain }) => {
    const facts = await loader.load(id);
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
  };
}

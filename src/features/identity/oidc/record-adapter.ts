import type { Adapter, AdapterPayload } from "oidc-provider";
import { errors } from "oidc-provider";
import type { Clock } from "../../../foundation/clock/index.ts";
import type { KeyedHash } from "../../../foundation/crypto/index.ts";
import { fromMachineTime, toMachineTime } from "./machine-time.ts";
import * as records from "./oidc-records.queries.ts";
import type { RecordTransactions } from "./record-transactions.ts";

export type RecordDeps = { clock: Clock; hash: KeyedHash; transactions: RecordTransactions };

/** Under what a record is kept. The id itself, which often is the token, is not. */
export function recordKey(hash: KeyedHash, model: string, id: string): records.RecordKey {
  return { model, idHash: hash("oidc record", model, id) };
}

/**
 * The storage of one of oidc-provider's models, on PostgreSQL.
 *
 * `reused` is told when a token that counts once was used again at the same moment as its first use, and ends the
 * log-in.
 */
export function createRecordAdapter(
  deps: RecordDeps & { reused(owner: records.RecordOwner): Promise<void> },
  model: string,
): Adapter {
  const { clock, hash, transactions } = deps;
  const keyOf = (id: string) => recordKey(hash, model, id);
  const uidHash = (uid: string) => hash("oidc uid", model, uid);
  return {
    upsert: async (id, payload) => {
      const { jti: _token, ...kept } = fromMachineTime(clock, payload);
      if (model === "ReplayDetection") return keepOnce(await transactions.current(), keyOf(id), kept);
      await records.upsertRecord(await transactions.current(), keyOf(id), {
        payload: kept,
        grantId: model === "Grant" ? id : (payload.grantId ?? null),
        userId: payload.accountId ?? null,
        uidHash: payload.uid === undefined ? null : uidHash(payload.uid),
        expiresAt: kept.exp === undefined ? null : new Date(kept.exp * 1000),
      });
    },
    find: async (id) => {
      const found = await records.findRecord(await transactions.current(), keyOf(id), clock.now(), model === "Grant");
      return found && { ...present(clock, found), jti: id };
    },
    findByUid: async (uid) => {
      const found = await records.findRecordByUid(await transactions.current(), model, uidHash(uid), clock.now());
      return found && present(clock, found);
    },
    findByUserCode: () => Promise.reject(new Error("User codes are not kept: the device flow is not in use.")),
    consume: async (id) => {
      const trx = await transactions.current();
      if (await records.consumeRecord(trx, keyOf(id), clock.now())) return;
      const owner = await records.findRecordOwner(trx, keyOf(id));
      if (owner) await deps.reused(owner);
      throw new errors.InvalidGrant(`${model} was used already`);
    },
    destroy: async (id) => records.deleteRecord(await transactions.current(), keyOf(id)),
    revokeByGrantId: async (grantId) => records.deleteRecordsOfGrant(await transactions.current(), model, grantId),
  };
}

/** An assertion counts once: oidc-provider looks before it keeps, and two at once would both find nothing. */
async function keepOnce(
  trx: Awaited<ReturnType<RecordTransactions["current"]>>,
  key: records.RecordKey,
  { exp, ...payload }: Record<string, unknown>,
): Promise<void> {
  const kept = await records.insertRecordOnce(trx, key, { payload, expiresAt: new Date(Number(exp) * 1000) });
  if (!kept) throw new errors.InvalidClientAuth("client assertion tokens must only be used once");
}

function present(clock: Clock, found: records.FoundRecord): AdapterPayload {
  const consumed = found.consumedAt === null ? {} : { consumed: Math.floor(found.consumedAt.getTime() / 1000) };
  return { ...toMachineTime(clock, found.payload), ...consumed };
}

import type { Rooms } from "./compose-rooms.ts";
import {
  deleteAbandonedLogIns,
  deleteExpiredRecords,
  deleteExpiredSecrets,
  deleteForeignLoginsBefore,
  deleteOldThrottles,
  reloadTokenKeys,
  repairSignUps,
} from "./features/identity/index.ts";
import { pruneDeliveries, reconcileSessions } from "./features/kyc/index.ts";
import { deleteEndedRetention } from "./features/users/index.ts";
import { deleteExpiredAnswers, pruneChanges } from "./foundation/database/index.ts";
import { every, type Repeated } from "./foundation/jobs/index.ts";

/** Begins the work that repeats by itself: one line each, with the seconds between two turns. */
export function repeatWork({ config, log, clock, db, identity, kyc, sealer }: Rooms): Repeated[] {
  const cleanUp = async () => {
    const now = clock.now();
    for (const forget of [deleteExpiredAnswers, deleteExpiredSecrets, deleteOldThrottles, deleteExpiredRecords])
      await forget({ db, clock });
    await deleteEndedRetention(db, now);
    await deleteForeignLoginsBefore(db, now);
    await deleteAbandonedLogIns({ db, clock });
    await pruneDeliveries({ db, clock });
  };
  const everywhere = [every(60, "reload token keys", log, () => reloadTokenKeys(identity))];
  if (config.USHER_ROLE === "api") return everywhere;
  return [
    ...everywhere,
    every(5, "seal the journal", log, () => sealer.sealNow()),
    every(30, "reconcile sessions", log, () => reconcileSessions(kyc)),
    every(30, "repair sign-ups", log, () => repairSignUps(identity)),
    every(60, "prune changes", log, () => pruneChanges({ db, clock })),
    every(600, "clean up", log, cleanUp),
  ];
}

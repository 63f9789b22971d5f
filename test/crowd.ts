import { randomUUID } from "node:crypto";
import { readConfig } from "../src/config.ts";
import { createPersonKeys } from "../src/features/personal-data/index.ts";
import { insertUser } from "../src/features/users/index.ts";
import { randomIds } from "../src/foundation/ids/index.ts";
import { loadKeys } from "../src/keys.ts";
import type { TestUsher } from "./harness.ts";

/** One of many. */
export type Head = { userId: string; id: number };

/** Confirmed people in great number, without password and mail: a thousand hashed passwords would be a test of those. */
export async function createCrowd({ db, clock, dataDir }: TestUsher, size: number): Promise<Head[]> {
  const { wrappingKey } = await loadKeys(readConfig({ USHER_DATA_DIR: dataDir }));
  const personKeys = createPersonKeys({ clock, ids: randomIds, wrappingKey });
  return db.transaction().execute(async (trx) => {
    const crowd: Head[] = [];
    for (let index = 0; index < size; index += 1) {
      const userId = randomUUID();
      await personKeys.createKey(trx, userId);
      const { id } = await insertUser(trx, {
        user_id: userId,
        email: `${userId}@example.com`,
        fname: "Ada",
        lname: `Okafor ${index}`,
        date_of_birth: "1991-07-14",
        role: "retail",
        type: "user",
        status: "not_verified",
        created_at: clock.now(),
      });
      crowd.push({ userId, id });
    }
    return crowd;
  });
}

/** Does something for each, so many at once; results in the order of the items. */
export async function forEachOf<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < items.length; index = next++) {
      results[index] = await work(items[index] as Item, index);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}

import { type KeyObject, randomBytes } from "node:crypto";
import { decodeProtectedHeader } from "jose";
import type { Transaction } from "kysely";
import { LRUCache } from "lru-cache";
import type { Clock } from "../../foundation/clock/index.ts";
import { sealCompact, secretKey } from "../../foundation/crypto/index.ts";
import type { Database, Db } from "../../foundation/database/index.ts";
import type { Ids } from "../../foundation/ids/index.ts";
import { emptyKeys, findLiveKey, insertKey, listKeys, listLiveKeys, type PersonKeyRow } from "./person-keys.queries.ts";
import { PersonalKeyDestroyed } from "./personal-key-destroyed.ts";
import { openBytes, unwrapKey, wrapKey } from "./wrap-key.ts";

/** One key a person. What is sealed with it can be read until the key is destroyed, and never after. */
export type PersonKeys = {
  /**
   * Makes the person's key, at registration. The unique index refuses a second live one. What is sealed in the same
   * transaction need not wait until the key is stored.
   */
  createKey(trx: Transaction<Database>, userId: string): Promise<void>;
  /** Reads the keys of many people at once, for what a transaction is about to seal for them. */
  prepareFor(trx: Transaction<Database>, userIds: readonly string[]): Promise<void>;
  /**
   * Any JSON value → JWE in compact form, bound to the person and the field.
   *
   * @throws PersonalKeyDestroyed when the person has no live key
   */
  sealFor(db: Db, userId: string, field: string, value: unknown): Promise<string>;
  /**
   * The value back.
   *
   * @throws PersonalKeyDestroyed; Error when the text was altered or belongs to another person or field
   */
  openFor<Value>(db: Db, userId: string, field: string, sealed: string): Promise<Value>;
  /** As openFor, but undefined when the key was destroyed. */
  findOpenFor<Value>(db: Db, userId: string, field: string, sealed: string): Promise<Value | undefined>;
  /** As findOpenFor for several values of one person and field, in their order, with one read of the keys. */
  listOpenFor<Value>(db: Db, userId: string, field: string, sealed: readonly string[]): Promise<(Value | undefined)[]>;
  /** Destroys all keys of the person, for good. Values sealed with them stay where they are and stay unreadable. */
  destroyKeys(trx: Transaction<Database>, userId: string): Promise<void>;
};

/** How long, and how many, unwrapped keys are kept in memory. The row is read all the same. */
const cached = { max: 10_000, ttl: 60_000 };

/**
 * Makes the key store. `wrappingKey` (32 bytes, derived from the master key) wraps the persons' keys where they rest.
 * Whether a key lives is asked of its row each time, or once a transaction; only the work of unwrapping is spared, so that a key destroyed by
 * another process is dead here at once.
 */
export function createPersonKeys(deps: { clock: Clock; ids: Ids; wrappingKey: Uint8Array }): PersonKeys {
  const wrappingKey = secretKey(deps.wrappingKey);
  const unwrapped = new LRUCache<string, KeyObject>(cached);
  // A deed seals several times for one person: within its transaction, the key's row is read (or was made) once.
  const ofTransaction = new WeakMap<object, Map<string, PersonKeyRow>>();
  const remember = (trx: object, row: PersonKeyRow) => {
    const known = ofTransaction.get(trx) ?? new Map<string, PersonKeyRow>();
    ofTransaction.set(trx, known.set(row.user_id, row));
  };
  const keyOf = async ({ key_id, user_id, wrapped_key }: PersonKeyRow): Promise<KeyObject | undefined> => {
    if (wrapped_key === null) return undefined;
    const known = unwrapped.get(key_id);
    if (known) return known;
    const key = await unwrapKey(wrappingKey, wrapped_key, key_id, user_id);
    unwrapped.set(key_id, key);
    return key;
  };
  const listOpenFor = async <Value>(db: Db, userId: string, field: string, sealed: readonly string[]) => {
    const rows = sealed.length > 0 ? await listKeys(db, userId) : [];
    return Promise.all(sealed.map((text) => openWith<Value>(rows, keyOf, { userId, field, text })));
  };
  const findOpenFor = async <Value>(db: Db, userId: string, field: string, sealed: string) =>
    (await listOpenFor<Value>(db, userId, field, [sealed]))[0];
  return {
    createKey: async (trx, userId) => {
      const keyId = deps.ids.uuid();
      const bytes = randomBytes(32);
      const wrapped = wrapKey(wrappingKey, bytes, keyId, userId);
      const row = { key_id: keyId, user_id: userId, wrapped_key: wrapped };
      remember(trx, row);
      unwrapped.set(keyId, secretKey(bytes));
      await insertKey(trx, { ...row, created_at: deps.clock.now() });
    },
    prepareFor: async (trx, userIds) => {
      for (const row of await listLiveKeys(trx, userIds)) remember(trx, row);
    },
    sealFor: async (db, userId, field, value) => {
      const row = ofTransaction.get(db)?.get(userId) ?? (await findLiveKey(db, userId));
      if (row && db.isTransaction) remember(db, row);
      const key = row && (await keyOf(row));
      if (!key) throw new PersonalKeyDestroyed();
      return sealCompact(key, Buffer.from(JSON.stringify(value)), { kid: row.key_id, user: userId, field });
    },
    openFor: async <Value>(db: Db, userId: string, field: string, sealed: string) => {
      const value = await findOpenFor<Value>(db, userId, field, sealed);
      if (value === undefined) throw new PersonalKeyDestroyed();
      return value;
    },
    findOpenFor,
    listOpenFor,
    destroyKeys: async (trx, userId) => {
      ofTransaction.delete(trx);
      for (const keyId of await emptyKeys(trx, userId, deps.clock.now())) unwrapped.delete(keyId);
    },
  };
}

async function openWith<Value>(
  rows: readonly PersonKeyRow[],
  keyOf: (row: PersonKeyRow) => Promise<KeyObject | undefined>,
  { userId, field, text }: { userId: string; field: string; text: string },
): Promise<Value | undefined> {
  const { kid } = decodeProtectedHeader(text);
  const row = rows.find((candidate) => candidate.key_id === kid);
  if (!row) throw new Error(`The sealed "${field}" does not name a key of this person: it was altered or moved.`);
  const key = await keyOf(row);
  if (!key) return undefined;
  const bytes = await openBytes(key, text, { kid: row.key_id, user: userId, field });
  return JSON.parse(Buffer.from(bytes).toString("utf8")) as Value;
}

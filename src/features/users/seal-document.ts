import type { Transaction } from "kysely";
import type { KeyedHash } from "../../foundation/crypto/index.ts";
import type { Database } from "../../foundation/database/index.ts";
import type { PersonKeys } from "../personal-data/index.ts";
import type { UserChanges } from "./tables.ts";

/** Which of the two documents. */
export type DocumentField = "id_number" | "additional_id_number";

/** Shows only the last two characters, and never more than a third of a short number. */
export function maskNumber(number: string): string {
  const shown = number.length < 6 ? 0 : 2;
  return "•".repeat(Math.min(10, number.length - shown)) + number.slice(number.length - shown);
}

/**
 * The three columns of a document number: sealed with the person's key, findable by keyed hash, shown masked. Null
 * clears them.
 */
export async function sealDocument(
  deps: { personKeys: PersonKeys; hash: KeyedHash },
  trx: Transaction<Database>,
  userId: string,
  field: DocumentField,
  number: string | null,
): Promise<UserChanges> {
  const [sealed, hash, masked] =
    number === null
      ? [null, null, null]
      : [
          await deps.personKeys.sealFor(trx, userId, field, number),
          deps.hash("document number", number.toUpperCase()),
          maskNumber(number),
        ];
  return field === "id_number"
    ? { id_number_sealed: sealed, id_number_hash: hash, id_number_masked: masked }
    : { additional_id_number_sealed: sealed, additional_id_number_hash: hash, additional_id_number_masked: masked };
}

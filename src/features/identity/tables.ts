import type { Selectable } from "kysely";
import type { Database } from "../../foundation/database/index.ts";

/** One credential of a user. */
export type IdentityRow = Selectable<Database["identities"]>;

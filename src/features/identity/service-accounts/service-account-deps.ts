import type { Clock } from "../../../foundation/clock/index.ts";
import type { KeyedHash, PlatformSeal } from "../../../foundation/crypto/index.ts";
import type { Db, Once } from "../../../foundation/database/index.ts";
import type { Ids } from "../../../foundation/ids/index.ts";
import type { UserCaller } from "../../access/index.ts";
import type { Journal } from "../../journal/index.ts";
import type { Tokens } from "../oidc/index.ts";

/** What the use cases of service accounts work with. */
export type ServiceAccountDeps = {
  db: Db;
  clock: Clock;
  ids: Ids;
  hash: KeyedHash;
  seal: PlatformSeal;
  journal: Journal;
  tokens: Pick<Tokens, "endSessionsOfApp">;
};

/** What every one of their requests carries beside its body. */
export type OperatorRequest = { caller: UserCaller; requestId: string; once?: Once };

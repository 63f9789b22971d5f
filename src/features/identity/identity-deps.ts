import type { Clock } from "../../foundation/clock/index.ts";
import type { KeyedHash, PlatformSeal } from "../../foundation/crypto/index.ts";
import type { Db } from "../../foundation/database/index.ts";
import type { Ids } from "../../foundation/ids/index.ts";
import type { Logger } from "../../foundation/logging/index.ts";
import type { Journal } from "../journal/index.ts";
import type { Messages } from "../notifications/index.ts";
import type { PersonKeys } from "../personal-data/index.ts";
import type { IdentityProvider } from "./identity-provider.ts";
import type { Tokens } from "./oidc/index.ts";
import type { PoolAccounts } from "./pool-accounts/index.ts";
import type { PasskeySite } from "./second-factor/passkeys.ts";
import type { Throttles } from "./throttle.ts";
import type { FindForeignCaller, ForeignTokenVerifier } from "./trusted-issuers/index.ts";

/** Everything that the use cases here need; each names its own part. */
export type IdentityDeps = {
  db: Db;
  clock: Clock;
  ids: Ids;
  hash: KeyedHash;
  seal: PlatformSeal;
  journal: Journal;
  personKeys: PersonKeys;
  messages: Messages;
  /** Whether text messages can be sent. */
  smsConfigured: boolean;
  log: Logger;
  provider: IdentityProvider;
  throttles: Throttles;
  tokens: Tokens;
  /** How the world calls us; the issuer of our tokens. */
  publicUrl: string;
  /** Tokens of trusted issuers, the outside pool's among them, and whose they are. */
  foreignTokens: ForeignTokenVerifier;
  findForeignCaller: FindForeignCaller;
  /** For which site passkeys count. */
  passkeySite: PasskeySite;
  /** Later work at an outside pool; nothing where there is none. */
  poolAccounts: PoolAccounts;
};

/** What every request of a use case carries beside its body. */
export type RequestFacts = {
  requestId: string;
  /** The network address; for budgets only. */
  source: string;
};

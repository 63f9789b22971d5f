import type { Cursors, PlatformSeal } from "../../foundation/crypto/index.ts";
import type { Db } from "../../foundation/database/index.ts";
import type { Ids } from "../../foundation/ids/index.ts";
import type { Logger } from "../../foundation/logging/index.ts";
import type { Messages } from "../notifications/index.ts";
import type { PersonKeys } from "../personal-data/index.ts";
import type { MoveDeps } from "../users/index.ts";
import type { KycProvider, ProviderName, WebhookContent, WebhookDelivery } from "./port.ts";
import type { ProviderHealth } from "./provider-health.ts";
import type { DeliveryKey } from "./tables.ts";

/** Veriff is always there; the others where they are configured. */
export type Providers = { veriff: KycProvider } & Partial<Record<ProviderName, KycProvider>>;

/** What the KYC room works with. */
export type KycDeps = MoveDeps & {
  db: Db;
  ids: Ids;
  log: Logger;
  seal: PlatformSeal;
  personKeys: PersonKeys;
  cursors: Cursors;
  messages: Messages;
  /** Those that this installation works with. */
  providers: Providers;
  /** Each provider's breaker, and what follows when it closes again. */
  health: Record<ProviderName, ProviderHealth>;
  /** All of these have to approve; where there are none, one approval clears. */
  requiredProviders: readonly ProviderName[];
};

/** A delivery whose signature holds, read and ready to be taken in. */
export type IncomingDelivery = {
  provider: KycProvider;
  delivery: WebhookDelivery;
  content: WebhookContent;
  /** By which copies of it are known. */
  key: DeliveryKey;
  /** The headers worth keeping. */
  headers: Record<string, string>;
  requestId: string;
};

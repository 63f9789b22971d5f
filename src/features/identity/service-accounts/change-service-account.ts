import type { Static } from "typebox";
import { actorOf, type Change } from "../../journal/index.ts";
import { serviceAccountNotFound } from "./errors.ts";
import { presentServiceAccount } from "./present-service-account.ts";
import { readOrigins, readRedirects } from "./read-origins.ts";
import type { accountSchema, changeSchema } from "./schemas.ts";
import type { OperatorRequest, ServiceAccountDeps } from "./service-account-deps.ts";
import { findServiceAccountForUpdate, updateServiceAccount } from "./service-accounts.queries.ts";

/**
 * Changes what is given; works on the account's next request, with the tokens it has.
 *
 * @throws service-account-not-found; invalid-request naming `callback_origins`
 */
export async function changeServiceAccount(
  deps: Pick<ServiceAccountDeps, "db" | "clock" | "journal">,
  input: OperatorRequest & { clientId: string; body: Static<typeof changeSchema> },
): Promise<Static<typeof accountSchema>> {
  const { name, permissions, callback_origins, redirect_uris } = input.body;
  const wanted = {
    ...(name === undefined ? {} : { name: name.trim() }),
    ...(permissions === undefined ? {} : { permissions }),
    ...(callback_origins === undefined ? {} : { callback_origins: readOrigins(callback_origins) }),
    ...(redirect_uris === undefined ? {} : { redirect_uris: readRedirects(redirect_uris) }),
  };
  return deps.db.transaction().execute(async (trx) => {
    const before = await findServiceAccountForUpdate(trx, input.clientId);
    if (!before) throw serviceAccountNotFound();
    const fields = Object.keys(wanted) as (keyof typeof wanted)[];
    const changes = Object.fromEntries(
      fields.map((field): [string, Change] => [field, { before: before[field], after: wanted[field] }]),
    );
    const after = await updateServiceAccount(trx, before.client_id, { ...wanted, updated_at: deps.clock.now() });
    await deps.journal.record(trx, {
      actor: actorOf(input.caller),
      action: "service-account.changed",
      subject: { kind: "service", id: before.client_id },
      changes,
      requestId: input.requestId,
    });
    return presentServiceAccount(after);
  });
}

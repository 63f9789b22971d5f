import { actorOf } from "../../journal/index.ts";
import { serviceAccountNotFound } from "./errors.ts";
import type { OperatorRequest, ServiceAccountDeps } from "./service-account-deps.ts";
import { deleteServiceAccountRow, findServiceAccountForUpdate } from "./service-accounts.queries.ts";

/**
 * Deletes a service account: its secret, its tokens and what people allowed it count no more from the next request on. What it did stays in
 * the journal.
 *
 * @throws service-account-not-found
 */
export async function deleteServiceAccount(
  deps: Pick<ServiceAccountDeps, "db" | "journal" | "tokens">,
  input: OperatorRequest & { clientId: string },
): Promise<void> {
  await deps.db.transaction().execute(async (trx) => {
    const account = await findServiceAccountForUpdate(trx, input.clientId);
    if (!account) throw serviceAccountNotFound();
    await deleteServiceAccountRow(trx, account.client_id);
    await deps.tokens.endSessionsOfApp(trx, account.client_id);
    await deps.journal.record(trx, {
      actor: actorOf(input.caller),
      action: "service-account.deleted",
      subject: { kind: "service", id: account.client_id },
      changes: { permissions: { before: account.permissions, after: [] } },
      requestId: input.requestId,
    });
  });
}

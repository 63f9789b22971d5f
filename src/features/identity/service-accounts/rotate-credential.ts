import type { Static } from "typebox";
import { runOnce } from "../../../foundation/database/index.ts";
import { actorOf } from "../../journal/index.ts";
import { serviceAccountNotFound } from "./errors.ts";
import { presentIssued } from "./present-service-account.ts";
import { type PublicJwk, readPublicKey } from "./read-public-key.ts";
import type { issuedSchema } from "./schemas.ts";
import { hashSecret } from "./secret.ts";
import type { OperatorRequest, ServiceAccountDeps } from "./service-account-deps.ts";
import { findServiceAccountForUpdate, updateServiceAccount } from "./service-accounts.queries.ts";

/**
 * Gives an account a new secret, or the given public key in its place. From then on the old one counts no more, and
 * neither does any token that was issued for it. Of several at once the last one stands.
 *
 * @throws service-account-not-found; invalid-request naming `public_key`; idempotency-key-reused
 */
export async function rotateCredential(
  deps: ServiceAccountDeps,
  input: OperatorRequest & { clientId: string; publicKey?: PublicJwk },
): Promise<Static<typeof issuedSchema>> {
  const publicKey = input.publicKey && readPublicKey(input.publicKey);
  return runOnce(deps, input.once, async (trx) => {
    const account = await findServiceAccountForUpdate(trx, input.clientId);
    if (!account) throw serviceAccountNotFound();
    const secret = publicKey ? null : deps.ids.token();
    const credential = account.credential + 1;
    const rotated = await updateServiceAccount(trx, account.client_id, {
      secret_hash: secret === null ? null : hashSecret(deps.hash, account.client_id, secret),
      public_jwk: publicKey ? JSON.stringify(publicKey) : null,
      credential,
      updated_at: deps.clock.now(),
    });
    await deps.journal.record(trx, {
      actor: actorOf(input.caller),
      action: "service-account.rotated",
      subject: { kind: "service", id: account.client_id },
      changes: { credential: { before: account.credential, after: credential } },
      requestId: input.requestId,
    });
    return presentIssued(rotated, secret);
  });
}

import type { Static } from "typebox";
import { runOnce } from "../../../foundation/database/index.ts";
import { actorOf } from "../../journal/index.ts";
import { presentIssued } from "./present-service-account.ts";
import { readOrigins, readRedirects } from "./read-origins.ts";
import { readPublicKey } from "./read-public-key.ts";
import type { createSchema, issuedSchema } from "./schemas.ts";
import { hashSecret } from "./secret.ts";
import type { OperatorRequest, ServiceAccountDeps } from "./service-account-deps.ts";
import { insertServiceAccount } from "./service-accounts.queries.ts";

/**
 * Makes a service account with a secret, or with a public key in its place. The secret is in this answer and nowhere
 * else: only its keyed hash is kept.
 *
 * @throws invalid-request naming `public_key` or `callback_origins`; idempotency-key-reused
 */
export async function createServiceAccount(
  deps: ServiceAccountDeps,
  input: OperatorRequest & { body: Static<typeof createSchema> },
): Promise<Static<typeof issuedSchema>> {
  const { body, caller } = input;
  const origins = readOrigins(body.callback_origins);
  const redirects = readRedirects(body.redirect_uris);
  const publicKey = body.public_key && readPublicKey(body.public_key);
  return runOnce(deps, input.once, async (trx) => {
    const clientId = `svc-${deps.ids.uuid()}`;
    const secret = publicKey ? null : deps.ids.token();
    const now = deps.clock.now();
    const row = await insertServiceAccount(trx, {
      client_id: clientId,
      name: body.name.trim(),
      secret_hash: secret === null ? null : hashSecret(deps.hash, clientId, secret),
      public_jwk: publicKey ? JSON.stringify(publicKey) : null,
      permissions: body.permissions,
      callback_origins: origins,
      redirect_uris: redirects,
      created_by: caller.userId,
      created_at: now,
      updated_at: now,
    });
    await deps.journal.record(trx, {
      actor: actorOf(caller),
      action: "service-account.created",
      subject: { kind: "service", id: clientId },
      changes: {
        name: { before: null, after: row.name },
        permissions: { before: [], after: row.permissions },
        callback_origins: { before: [], after: row.callback_origins },
        redirect_uris: { before: [], after: row.redirect_uris },
      },
      requestId: input.requestId,
    });
    return presentIssued(row, secret);
  });
}

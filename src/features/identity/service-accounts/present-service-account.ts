import type { Static } from "typebox";
import type { accountSchema, issuedSchema } from "./schemas.ts";
import type { ServiceAccountRow } from "./service-accounts.queries.ts";

/** A service account as operators see it. */
export function presentServiceAccount(row: ServiceAccountRow): Static<typeof accountSchema> {
  return {
    ...facts(row),
    created_by: row.created_by,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  };
}

/** The account with its new secret: shown this once. */
export function presentIssued(row: ServiceAccountRow, secret: string | null): Static<typeof issuedSchema> {
  return { ...facts(row), client_secret: secret };
}

function facts(row: ServiceAccountRow) {
  return {
    client_id: row.client_id,
    name: row.name,
    permissions: row.permissions,
    callback_origins: row.callback_origins,
    redirect_uris: row.redirect_uris,
    authentication: row.secret_hash === null ? ("private_key_jwt" as const) : ("client_secret" as const),
  };
}

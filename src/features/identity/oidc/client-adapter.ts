import type { Adapter, AdapterPayload } from "oidc-provider";
import type { Db } from "../../../foundation/database/index.ts";
import { type Permission, permissionNames } from "../../access/index.ts";
import { findServiceAccount, type ServiceAccountRow } from "../service-accounts/index.ts";

/** Anything else is nobody's, and may hold what PostgreSQL cannot take. */
const clientIdForm = /^svc-[0-9a-f-]{36}$/;

/**
 * The clients of oidc-provider are our service accounts, read afresh at every request and outside any transaction:
 * issuing a token to one writes nothing. They are changed through our own API only.
 */
export function createClientAdapter({ db }: { db: Db }): Adapter {
  const refuse = () => Promise.reject(new Error("Clients are changed through /service-accounts only."));
  return {
    find: async (clientId) => {
      const account = clientIdForm.test(clientId) ? await findServiceAccount(db, clientId) : undefined;
      return account && (toClientMetadata(account) as AdapterPayload);
    },
    findByUid: refuse,
    findByUserCode: refuse,
    upsert: refuse,
    consume: refuse,
    destroy: refuse,
    revokeByGrantId: refuse,
  };
}

/** `client_secret` is the keyed hash; `compareClientSecret` knows. */
function toClientMetadata(account: ServiceAccountRow) {
  const scope = account.permissions.filter((name) => permissionNames.includes(name as Permission)).join(" ");
  return {
    client_id: account.client_id,
    ...(account.secret_hash === null
      ? { token_endpoint_auth_method: "private_key_jwt", jwks: { keys: [account.public_jwk] } }
      : { token_endpoint_auth_method: "client_secret_basic", client_secret: account.secret_hash.toString("hex") }),
    ...(account.redirect_uris.length === 0
      ? { grant_types: ["client_credentials"], response_types: [], redirect_uris: [] }
      : {
          grant_types: ["client_credentials", "authorization_code", "refresh_token"],
          response_types: ["code"],
          redirect_uris: account.redirect_uris,
          // Loopback addresses in plain http are for native apps in oidc-provider's words.
          application_type: account.redirect_uris.some((uri) => uri.startsWith("http:")) ? "native" : "web",
        }),
    ...(scope === "" ? {} : { scope }),
    credential: account.credential,
  };
}

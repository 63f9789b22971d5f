import type { Config } from "./config.ts";
import {
  type CognitoSettings,
  cognitoIssuer,
  createCognitoProvider,
  createEmbeddedProvider,
  createPasswordHashing,
  type ForeignTokenVerifier,
  type IdentityProvider,
  locatePool,
  type Tokens,
  type TrustedIssuer,
} from "./features/identity/index.ts";
import type { Db } from "./foundation/database/index.ts";
import type { Logger } from "./foundation/logging/index.ts";

/** The user pool of the configuration, or of the local double; undefined with the embedded provider. */
export function readCognito(config: Config, double: CognitoSettings | undefined): CognitoSettings | undefined {
  if (config.IDENTITY_PROVIDER !== "cognito") return undefined;
  if (double) return double;
  return {
    region: config.AWS_REGION ?? "",
    userPoolId: config.COGNITO_USER_POOL_ID ?? "",
    clientId: config.COGNITO_CLIENT_ID ?? "",
    clientSecret: config.COGNITO_CLIENT_SECRET,
    endpoint: config.COGNITO_ENDPOINT,
  };
}

/** The pool as an issuer whose access tokens count. */
export function poolIssuers(cognito: CognitoSettings | undefined): TrustedIssuer[] {
  return cognito ? [cognitoIssuer({ ...locatePool(cognito), clientId: cognito.clientId })] : [];
}

/** Who keeps accounts and passwords. */
export function chooseProvider(
  deps: { db: Db; log: Logger; tokens: Tokens; foreignTokens: ForeignTokenVerifier },
  cognito: CognitoSettings | undefined,
): IdentityProvider {
  return cognito
    ? createCognitoProvider(deps, cognito)
    : createEmbeddedProvider({ ...deps, hashing: createPasswordHashing() });
}

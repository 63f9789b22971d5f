import type { CognitoSettings } from "./cognito-settings.ts";
import type { AskCognito } from "./connect-cognito.ts";
import { secretHash } from "./secret-hash.ts";

/** One user pool and the way to it: what every operation here works with. */
export type UserPool = {
  ask: AskCognito;
  userPoolId: string;
  clientId: string;
  clientSecret: string | undefined;
  /** `SecretHash` for a call that sends this user name; undefined where the client has no secret. */
  hashFor(username: string): string | undefined;
};

/** Puts it together. */
export function createUserPool(ask: AskCognito, settings: CognitoSettings): UserPool {
  const { userPoolId, clientId, clientSecret } = settings;
  return {
    ask,
    userPoolId,
    clientId,
    clientSecret,
    hashFor: (username) => (clientSecret === undefined ? undefined : secretHash({ clientId, clientSecret }, username)),
  };
}

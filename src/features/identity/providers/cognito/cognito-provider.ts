import { decodeJwt } from "jose";
import type { Transaction } from "kysely";
import type { Database, Db } from "../../../../foundation/database/index.ts";
import type { Logger } from "../../../../foundation/logging/index.ts";
import { findUserByEmail } from "../../../users/index.ts";
import { findIdentity } from "../../identities.queries.ts";
import type { AccountPool, IdentityProvider, PasswordProof, StrangerProof } from "../../identity-provider.ts";
import { nobody } from "../../one-time-secret.ts";
import { type ForeignTokenVerifier, isOfThatSecondOrBefore, upsertForeignLogin } from "../../trusted-issuers/index.ts";
import { deleteAccount, endSessions, findAccount, setAccess } from "./accounts.ts";
import { checkSettings } from "./check-settings.ts";
import { confirmEmail, resetPassword, sendCode } from "./codes.ts";
import { locatePool } from "./cognito-issuer.ts";
import type { CognitoSettings } from "./cognito-settings.ts";
import { connectCognito } from "./connect-cognito.ts";
import { refresh, revoke, signIn } from "./sessions.ts";
import { createProvenAccount, signUp } from "./sign-up.ts";
import { createUserPool, type UserPool } from "./user-pool.ts";

const name = "cognito";

type CognitoDeps = { db: Db; log: Logger; foreignTokens: Pick<ForeignTokenVerifier, "verify"> };

/**
 * Identities kept by an Amazon Cognito user pool: it mails and checks the codes, keeps the passwords and issues the
 * tokens. Usher keeps the link (issuer, sub) and decides, on every request, what the person may do.
 */
export function createCognitoProvider(deps: CognitoDeps, settings: CognitoSettings): IdentityProvider {
  const userPool = createUserPool(connectCognito(deps, settings), settings);
  const { issuer } = locatePool(settings);
  return {
    name,
    issuer,
    createAccount: (account) => signUp(userPool, account),
    createProvenAccount: (account) => createProvenAccount(userPool, account),
    checkPassword: (input) => checkPassword(deps, { userPool, issuer }, input),
    pool: createAccountPool(deps, userPool),
  };
}

function createAccountPool({ log }: CognitoDeps, userPool: UserPool): AccountPool {
  return {
    findAccount: (email) => findAccount(userPool, email),
    sendCode: (purpose, email) => sendCode(userPool, purpose, email),
    confirmEmail: (input) => confirmEmail(userPool, input),
    resetPassword: (input) => resetPassword(userPool, input),
    refresh: (refreshToken) => refresh(userPool, refreshToken),
    revoke: (refreshToken) => revoke(userPool, refreshToken),
    endSessions: (subject) => endSessions(userPool, subject),
    setAccess: (subject, allowed) => setAccess(userPool, subject, allowed),
    deleteAccount: (subject) => deleteAccount(userPool, subject),
    checkSettings: () =>
      checkSettings(userPool).catch((error: unknown) => {
        log.warn("the settings of the Cognito user pool could not be read", { provider: name, error });
        return [
          "Amazon Cognito did not answer at start: its settings are unchecked, and nobody can log in until it does.",
        ];
      }),
  };
}

/**
 * Only a link that is stored here makes the sign-in a log-in. Whose address is unknown here is a stranger where the pool
 * has seen the mailbox proven; everybody else without a link gets the refusal of a wrong password.
 */
async function checkPassword(
  deps: CognitoDeps,
  { userPool, issuer }: { userPool: UserPool; issuer: string },
  input: { email: string; password: string },
): Promise<PasswordProof | StrangerProof | undefined> {
  const user = await findUserByEmail(deps.db, input.email);
  const identity = await findIdentity(deps.db, user?.user_id ?? nobody, name);
  const signedIn = await signIn(userPool, input);
  if (!signedIn) return undefined;
  const { tokens, idToken } = signedIn;
  const abandon = () =>
    revoke(userPool, tokens.refreshToken).catch((error: unknown) =>
      deps.log.warn("a refused log-in could not be revoked at Amazon Cognito", { provider: name, error }),
    );
  const token = await deps.foreignTokens.verify(tokens.accessToken);
  // It came from Cognito itself, by the SDK's own connection; its signature would add nothing.
  const emailProven = idToken !== undefined && decodeJwt(idToken).email_verified === true;
  if (!user && emailProven)
    return { account: { subject: token.subject, username: token.subject, passwordHash: null }, abandon };
  if (!identity || identity.issuer !== issuer || identity.subject !== token.subject) {
    await abandon();
    return undefined;
  }
  const openSession = async (trx: Transaction<Database>) => {
    const present = await findIdentity(trx, identity.user_id, name);
    // All log-ins were ended while Cognito answered: this one may be from before.
    if (!present || present.tokens_not_before?.getTime() !== identity.tokens_not_before?.getTime()) return undefined;
    const { tokens_not_before } = present;
    if (tokens_not_before && isOfThatSecondOrBefore(token.loginAt, tokens_not_before)) {
      await upsertForeignLogin(trx, { login: token.login, user_id: identity.user_id, ended: false, forget_at: never });
    }
    return tokens;
  };
  return {
    userId: identity.user_id,
    emailProven,
    openSession,
    hold: async (trx) => {
      const issued = await openSession(trx);
      return issued && { tokens: issued, foreignLogin: token.login };
    },
    abandon,
  };
}

/** Beyond the longest life of a refresh token at Cognito, ten years: what is noted of a log-in counts while it lives. */
const never = new Date("2100-01-01T00:00:00Z");

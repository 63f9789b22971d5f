import { randomBytes } from "node:crypto";
import type { JWK } from "jose";
import { openStateFile } from "../state-file.ts";
import { type Account, digestOf, type SignIn } from "./account.ts";
import { makeKeys } from "./pool-keys.ts";

/** What names the pool and its one app client, and its keys; made once and kept. */
export type PoolIdentity = {
  userPoolId: string;
  clientId: string;
  clientSecret: string;
  /** Private keys; access and ID tokens are signed by different ones, as the real service does. */
  keys: { access: JWK; id: JWK };
};

type Kept = { account: Account } | { signIn: SignIn } | { identity: PoolIdentity };

/** Everything the double remembers, in memory and, with a state file, across restarts. */
export type PoolStore = {
  identity: PoolIdentity;
  listAccounts(): Account[];
  /** By e-mail address in any case, or by `sub`. */
  findAccount(username: string): Account | undefined;
  saveAccount(account: Account): void;
  deleteAccount(account: Account): void;
  /** By a refresh token, whether it counts or was rotated away. */
  findSignIn(refreshToken: string): SignIn | undefined;
  findSignInByOrigin(originJti: string): SignIn | undefined;
  listSignIns(sub: string): SignIn[];
  saveSignIn(signIn: SignIn): void;
  close(): void;
};

/** Opens the store; `given` names take the place of made ones. */
export async function openPoolStore(
  stateFile: string | undefined,
  given: { region: string } & Partial<Omit<PoolIdentity, "keys">>,
): Promise<PoolStore> {
  const file = openStateFile<Kept>(stateFile);
  const kept = [...file.initial.values()];
  const accounts = new Map(kept.flatMap((one) => ("account" in one ? [[one.account.sub, one.account] as const] : [])));
  const signIns = new Map(
    kept.flatMap((one) => ("signIn" in one ? [[one.signIn.originJti, one.signIn] as const] : [])),
  );
  const subByEmail = new Map([...accounts.values()].map((account) => [account.email, account.sub]));
  const originByDigest = new Map<string, string>();
  const index = (signIn: SignIn) => {
    for (const digest of [signIn.refresh, ...signIn.rotatedAway]) originByDigest.set(digest, signIn.originJti);
  };
  for (const signIn of signIns.values()) index(signIn);
  const made = kept.find((one) => "identity" in one)?.identity;
  const identity = { ...(made ?? (await makeIdentity(given.region))), ...definedOf(given) };
  if (!made) file.put("identity", { identity });
  return {
    identity,
    listAccounts: () => [...accounts.values()],
    findAccount: (username) => accounts.get(subByEmail.get(username.toLowerCase()) ?? username),
    saveAccount: (account) => {
      accounts.set(account.sub, account);
      subByEmail.set(account.email, account.sub);
      file.put(`account ${account.sub}`, { account });
    },
    deleteAccount: (account) => {
      accounts.delete(account.sub);
      subByEmail.delete(account.email);
      file.remove(`account ${account.sub}`);
    },
    findSignIn: (refreshToken) => signIns.get(originByDigest.get(digestOf(refreshToken)) ?? ""),
    findSignInByOrigin: (originJti) => signIns.get(originJti),
    listSignIns: (sub) => [...signIns.values()].filter((signIn) => signIn.sub === sub),
    saveSignIn: (signIn) => {
      signIns.set(signIn.originJti, signIn);
      index(signIn);
      file.put(`sign-in ${signIn.originJti}`, { signIn });
    },
    close: () => file.close(),
  };
}

function definedOf({ userPoolId, clientId, clientSecret }: Partial<PoolIdentity>): Partial<PoolIdentity> {
  const entries = Object.entries({ userPoolId, clientId, clientSecret });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

async function makeIdentity(region: string): Promise<PoolIdentity> {
  return {
    userPoolId: `${region}_${randomBytes(5).toString("hex").slice(0, 9)}`,
    clientId: randomBytes(13).toString("hex"),
    clientSecret: randomBytes(26).toString("hex").slice(0, 51),
    keys: await makeKeys(),
  };
}

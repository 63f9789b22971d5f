import { randomBytes } from "node:crypto";
import pg from "pg";
import { createTestDatabase } from "../../../test/database.ts";
import { createTestClock, type TestClock } from "../../foundation/clock/index.ts";
import { createKeyedHash, createPlatformSeal, loadSigningKeys } from "../../foundation/crypto/index.ts";
import { randomIds } from "../../foundation/ids/index.ts";
import { createJobs, installJobs } from "../../foundation/jobs/index.ts";
import { createLogger } from "../../foundation/logging/index.ts";
import { createCallOutside } from "../../foundation/outbound/index.ts";
import { createJournal } from "../journal/index.ts";
import {
  createMessages,
  deliverMessage,
  deliverMessageJob,
  type Mail,
  type MailChannel,
} from "../notifications/index.ts";
import { createPersonKeys } from "../personal-data/index.ts";
import { findUserByEmail } from "../users/index.ts";
import { createAuthenticate } from "./authenticate.ts";
import type { IdentityDeps } from "./identity-deps.ts";
import { createTokenMachinery } from "./oidc/index.ts";
import { createPoolAccounts, handlePoolJobs, poolJobs } from "./pool-accounts/index.ts";
import { type CognitoSettings, cognitoIssuer, createCognitoProvider, locatePool } from "./providers/cognito/index.ts";
import { createEmbeddedProvider } from "./providers/embedded/embedded-provider.ts";
import { createPasswordHashing } from "./providers/embedded/hash-password.ts";
import { recordLoginEnd } from "./record-login-end.ts";
import { registerUser } from "./register-user.ts";
import { accountMayAct } from "./require-access.ts";
import { passkeySiteOf } from "./second-factor/index.ts";
import { createThrottles } from "./throttle.ts";
import { createFindForeignCaller, createForeignTokenVerifier } from "./trusted-issuers/index.ts";

type Options = {
  /** A user pool to use in place of the embedded provider. */
  cognito?: CognitoSettings;
  clock?: TestClock;
};

/** The whole identity room on a database of its own, with a clock that stands still and a mail channel that keeps what it gets. */
export async function startIdentity({
  cognito,
  clock = createTestClock(new Date("2026-03-01T12:00:00.000Z")),
}: Options = {}) {
  const database = await createTestDatabase();
  const { db } = database;
  const log = createLogger({ level: "silent" });
  const [ids, hash, seal] = [randomIds, createKeyedHash(randomBytes(32)), createPlatformSeal(randomBytes(32))];
  await installJobs(database.ownerUrl, [deliverMessageJob, ...poolJobs], log);
  const jobs = createJobs({ url: database.url, log });
  const personKeys = createPersonKeys({ clock, ids, wrappingKey: randomBytes(32) });
  const mails: Mail[] = [];
  const mail: MailChannel = {
    send: async (sent) => {
      mails.push(sent);
      return { outcome: "sent" };
    },
    verify: async () => {},
    close: () => {},
  };
  jobs.handle(deliverMessageJob, deliverMessage({ db, clock, log, mail, sms: undefined, personKeys }));
  await jobs.start({ work: false });
  const journal = createJournal({ clock, ids, personKeys });
  const signingKeys = await loadSigningKeys({ db, seal, clock }, "tokens");
  const tokens = createTokenMachinery({
    db, clock, log, hash, signingKeys, publicUrl: "http://usher.test", cookieKey: randomBytes(32), accountMayAct,
    loginEnded: (trx, login) => recordLoginEnd({ journal }, trx, login),
  }); // biome-ignore format: one glance
  const throttles = createThrottles({ db, clock, hash }, { perSource: true });
  const messages = createMessages({ clock, ids, jobs, personKeys });
  const issuers = cognito ? [cognitoIssuer({ ...locatePool(cognito), clientId: cognito.clientId })] : [];
  const foreignTokens = createForeignTokenVerifier({ clock, callOutside: createCallOutside() }, issuers);
  const provider = cognito
    ? createCognitoProvider({ db, log, foreignTokens }, cognito)
    : createEmbeddedProvider({ db, tokens, hashing: createPasswordHashing() });
  const poolAccounts = createPoolAccounts({ jobs, provider });
  handlePoolJobs({ db, jobs, provider });
  const deps: IdentityDeps = {
    db, clock, ids, hash, seal, journal, personKeys, messages, provider, throttles, tokens,
    publicUrl: "http://usher.test", log, foreignTokens, findForeignCaller: createFindForeignCaller({ db, clock }), poolAccounts,
    passkeySite: passkeySiteOf("http://usher.test"), smsConfigured: false,
  }; // biome-ignore format: one glance
  const authenticate = createAuthenticate({ ...deps, reads: database.reads });
  return {
    deps,
    reads: database.reads,
    jobs,
    clock,
    mails,
    authenticate: async (token: string) => {
      const caller = await authenticate(token);
      if (caller.kind !== "user") throw new Error("This is no person's token.");
      return caller;
    },
    /** Sends what waits to be sent; gives the newest code that went to an address. */
    newestCode: async (email: string) => {
      await jobs.drain();
      return /\b\d{6}\b/.exec(mails.filter(({ to }) => to === email).at(-1)?.text ?? "")?.[0] ?? "";
    },
    register: (email: string, more: Partial<Parameters<typeof registerUser>[1]["body"]> = {}) =>
      registerUser(deps, {
        body: { email, fname: "Ada", lname: "Obi", password, ...more },
        caller: undefined,
        ...facts,
      }),
    getUser: async (email: string) => {
      const user = await findUserByEmail(db, email);
      if (!user) throw new Error("There is no such user.");
      return user;
    },
    actionsOf: async (userId: string) =>
      (
        await db
          .selectFrom("journal_entries")
          .select("action")
          .where("subject_id", "=", userId)
          .orderBy("seq")
          .execute()
      ).map((row) => row.action),
    /** A connection of the superuser, who owns everything. The test ends it. */
    connectAsOwner: async () => {
      const client = new pg.Client({ connectionString: database.ownerUrl });
      await client.connect();
      return client;
    },
    stop: async () => {
      await jobs.stop(5);
      await database.drop();
    },
  };
}

/** A password that the rules take. */
export const password = "tall giraffes hum";

/** A request from one place. */
export const facts = { requestId: "018f0000-0000-7000-8000-000000000000", source: "192.0.2.1" };

/** The stable code of the declared error that a promise rejects with. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error === undefined) return "(no error)";
  const { declaration } = error as { declaration?: { code: string } };
  if (!declaration) throw error;
  return declaration.code;
}

import { randomBytes, randomUUID } from "node:crypto";
import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { createTestClock, type TestClock } from "../../foundation/clock/index.ts";
import { createCursors, createPlatformSeal } from "../../foundation/crypto/index.ts";
import { randomIds } from "../../foundation/ids/index.ts";
import { createLogger } from "../../foundation/logging/index.ts";
import type { CallOutside } from "../../foundation/outbound/index.ts";
import { createJournal } from "../journal/index.ts";
import { createMessages } from "../notifications/index.ts";
import { createPersonKeys } from "../personal-data/index.ts";
import { findUser, insertUser, type NewUser, type UserRow } from "../users/index.ts";
import { createKyc, type Kyc } from "./create-kyc.ts";
import type { ProviderName } from "./port.ts";
import { signForVeriff } from "./providers/veriff/signature.ts";
import type { Received } from "./receive-webhook.ts";
import { saidBySecond, secondProvider } from "./second-provider-for-tests.ts";
import type { Purpose, SessionRow } from "./tables.ts";

/** The KYC room on a database of its own, with a provider that answers what the test says. */
export type KycUnderTest = {
  database: TestDatabase;
  clock: TestClock;
  kyc: Kyc;
  /** Calls that went to the provider, as bodies. */
  asked: string[];
  /** How the provider answers from now on; by default it opens a new session each time. */
  answerWith(callOutside: CallOutside): void;
  addUser(more?: Partial<NewUser>): Promise<UserRow>;
  getUser(userId: string): Promise<UserRow>;
  openSession(
    user: UserRow,
    more?: { purpose?: Purpose; restart?: boolean; provider?: ProviderName },
  ): Promise<SessionRow>;
  /** Signs and delivers a body. */
  deliver(body: unknown): Promise<Received>;
  /** Delivers what the second provider says. */
  deliverSecond(...said: Parameters<typeof saidBySecond>): Promise<Received>;
  /** Templates of the messages to a person, oldest first, with what they were filled with. */
  messagesTo(userId: string): Promise<{ template: string; values: unknown }[]>;
  count(table: "webhook_deliveries" | "kyc_observations" | "kyc_sessions" | "journal_entries"): Promise<number>;
  /** Actions of the journal about a subject, oldest first. */
  journalOf(subjectId: string): Promise<string[]>;
};

export const account = {
  baseUrl: "https://veriff.test",
  apiKey: "8e4d7a51-3f0b-4c55-9a7e-0d1c2b3a4f5e",
  sharedSecret: "abcdef12-abcd-abcd-abcd-abcdef012345",
};

/** A signed answer of the provider. */
export function answered(status: number, content: unknown): Awaited<ReturnType<CallOutside>> {
  const body = Buffer.from(JSON.stringify(content));
  const headers = { "x-hmac-signature": signForVeriff(account.sharedSecret, body) };
  return { kind: "answer", status, headers, body, attempts: 1 };
}

/** A new session at the provider, as it would answer. */
export function opened(providerSessionId: string = randomUUID()) {
  const url = `https://alchemy.veriff.test/v/${providerSessionId}`;
  return answered(201, {
    status: "success",
    verification: { id: providerSessionId, url, status: "created", sessionToken: `token-${providerSessionId}` },
  });
}

/** For tests only. */
export async function setUpKyc({
  requiredProviders = [],
}: {
  requiredProviders?: readonly ProviderName[];
} = {}): Promise<KycUnderTest> {
  const database = await createTestDatabase();
  const { db } = database;
  const clock = createTestClock(new Date("2026-03-02T12:00:00.000Z"));
  const personKeys = createPersonKeys({ clock, ids: randomIds, wrappingKey: randomBytes(32) });
  const asked: string[] = [];
  let callOutside: CallOutside = async () => opened();
  const kyc = createKyc({
    db,
    clock,
    ids: randomIds,
    log: createLogger({ level: "silent" }),
    seal: createPlatformSeal(randomBytes(32)),
    cursors: createCursors(randomBytes(32)),
    personKeys,
    journal: createJournal({ clock, ids: randomIds, personKeys }),
    messages: createMessages({ clock, ids: randomIds, jobs: { enqueue: async () => {} }, personKeys }),
    requiredProviders,
    providers: { bridge: secondProvider },
    endSessions: async () => {},
    restoreAccess: async () => {},
    veriff: account,
    callbacks: { publicUrl: "https://usher.test", origins: ["https://app.test"], allowHttp: false },
    callOutside: (call) => {
      asked.push(String(call.body ?? call.url));
      return callOutside(call);
    },
  });
  const addUser = (more: Partial<NewUser> = {}) =>
    db.transaction().execute(async (trx) => {
      const userId = randomUUID();
      const now = clock.now();
      await personKeys.createKey(trx, userId);
      return insertUser(trx, {
        user_id: userId,
        email: `${userId}@example.com`,
        fname: "Ada",
        lname: "Okafor",
        date_of_birth: "1991-07-14",
        role: "retail",
        type: "user",
        status: "not_verified",
        created_at: now,
        ...more,
      });
    });
  return {
    database,
    clock,
    kyc,
    asked,
    answerWith: (next) => {
      callOutside = next;
    },
    addUser,
    getUser: async (userId) => (await findUser(db, userId)) ?? Promise.reject(new Error("There is no such user.")),
    openSession: (user, { purpose = "required", restart = false, provider = "veriff" } = {}) =>
      kyc.openSession({
        userId: user.user_id,
        provider,
        request: { callback: "https://usher.test/ekyc/return", purpose },
        restart,
        requestedBy: { kind: "user", id: user.user_id },
        once: undefined,
        requestId: randomUUID(),
        check: () => {},
      }),
    deliver: (body) => kyc.receiveWebhook({ ...signed(body), provider: kyc.providers.veriff, requestId: randomUUID() }),
    deliverSecond: (...said) => kyc.receiveWebhook({ ...saidBySecond(...said), requestId: randomUUID() }),
    messagesTo: async (userId) => {
      const query = db.selectFrom("messages").selectAll().where("user_id", "=", userId);
      const rows = await query.orderBy("created_at").orderBy("message_id").execute();
      return Promise.all(
        rows.map(async ({ message_id, template, content }) => {
          const sealed = content ?? "";
          const opened = await personKeys.openFor<{ values: unknown }>(db, userId, `message ${message_id}`, sealed);
          return { template, values: opened.values };
        }),
      );
    },
    count: async (table) => {
      const query = db.selectFrom(table).select((counted) => counted.fn.countAll<string>().as("count"));
      return Number((await query.executeTakeFirstOrThrow()).count);
    },
    journalOf: async (subjectId) => {
      const query = db
        .selectFrom("journal_entries")
        .select("action")
        .where("subject_id", "=", subjectId)
        .orderBy("seq");
      return (await query.execute()).map(({ action }) => action);
    },
  };
}

/** A delivery with its signature. Bytes stay as they are. */
export function signed(content: unknown) {
  const body = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
  return { delivery: { body, headers: { "x-hmac-signature": signForVeriff(account.sharedSecret, body) } } };
}

/** An event as Veriff sends it. */
export function eventBody(session: SessionRow, action: "started" | "submitted", attemptId = "A") {
  const code = action === "started" ? 7001 : 7002;
  return {
    id: session.provider_session_id,
    attemptId,
    feature: "selfid",
    code,
    action,
    vendorData: session.user_id,
    endUserId: null,
  };
}

const codes = {
  approved: 9001,
  declined: 9102,
  resubmission_requested: 9103,
  expired: 9104,
  abandoned: 9104,
  review: 9121,
};

/** A decision as Veriff sends it; `n` orders it within one second. */
export function decisionBody(
  session: SessionRow,
  status: keyof typeof codes,
  n: number,
  more: Record<string, unknown> = {},
) {
  const decisionTime = `2026-03-02T11:02:09.${String(n).padStart(6, "0")}Z`;
  const reason = status === "declined" ? "Suspected document tampering" : null;
  const reasonCode = status === "declined" ? 102 : null;
  return {
    status: "success",
    verification: {
      id: session.provider_session_id,
      attemptId: "A",
      code: codes[status],
      status,
      reason,
      reasonCode,
      vendorData: session.user_id,
      person: { firstName: "ADA", lastName: "OKAFOR" },
      decisionTime,
      ...more,
    },
    technicalData: { ip: null },
  };
}

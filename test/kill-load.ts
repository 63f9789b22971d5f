import { createHash } from "node:crypto";
import { type Answer, password, type Send, type SendOptions } from "./harness.ts";
import { within } from "./usher-process.ts";
import { decisionBody, deliver, eventBody } from "./veriff-webhooks.ts";

/** A document number that must stand nowhere in clear. */
export const canary = "CANARY-4711-0815";

/** One person as far as answers have told. */
export type Member = {
  email: string;
  userId: string;
  id: number;
  registeredAt: number;
  confirmed: boolean;
  token?: string;
  sessionId?: string;
  approved: boolean;
};

/** Everything that Usher has acknowledged, and every answer that no fault explains. */
export type Ledger = { members: Map<string, Member>; webhooks: Set<string>; strange: string[] };

type LoadOptions = {
  send: Send;
  keys: { apiKey: string; sharedSecret: string };
  ledger: Ledger;
  /** 0 to 1. */
  random: () => number;
};

/** Requests under way from several clients, until `stop`. */
export type Load = {
  /** Waits for so many answers to writes since the beginning. */
  answers(count: number): Promise<void>;
  /** From now on failures are expected; waits for the clients' end. */
  stop(): Promise<void>;
};

/** Raised where an answer does not come, or is 503: the fault that the test makes explains it. */
class NotServed extends Error {}

/** Begins to register people, and to bring those registered earlier all the way to a verified account. */
export function startLoad(options: LoadOptions): Load {
  const { ledger } = options;
  let expected = false;
  let count = 0;
  let wake: (() => void) | undefined;
  const call: Send = async (method, path, more?: SendOptions): Promise<Answer> => {
    const answer = await within(20, `${method} ${path.split("?")[0]}`, () => options.send(method, path, more)).catch(
      (error: Error) => {
        if (!expected || error.message.includes("seconds"))
          ledger.strange.push(`${error.message} ${String(error.cause ?? "")}`);
        throw new NotServed();
      },
    );
    // Only what may have written counts.
    if (method !== "GET") count += 1;
    wake?.();
    if (answer.status === 503 && expected) throw new NotServed();
    if (answer.status >= 500) ledger.strange.push(`${method} ${path.split("?")[0]}: ${answer.text}`);
    return answer;
  };
  const clients = [register, register, verify, verify, verify, verify, verify, verify].map((work) =>
    repeat(
      () => work({ ...options, send: call }),
      () => expected,
    ),
  );
  return {
    answers: async (wanted) => {
      while (count < wanted) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        await promise;
      }
    },
    stop: async () => {
      expected = true;
      await Promise.all(clients);
    },
  };
}

async function repeat(work: () => Promise<void>, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    await work().catch(async (error: unknown) => {
      if (!(error instanceof NotServed)) throw error;
      // Lets others run where every call fails at once.
      await new Promise((resolve) => setImmediate(resolve));
    });
  }
}

let counter = 0;

/** A little less than the ten minutes for which a code counts. */
const codeLivesMilliseconds = 9 * 60_000;

async function register({ send, ledger }: LoadOptions): Promise<void> {
  counter += 1;
  const email = `member${counter}@example.com`;
  const body = {
    email,
    fname: "Ada",
    lname: "Okafor",
    password,
    date_of_birth: "1990-05-17",
    id_type: "passport",
    id_number: canary,
  };
  const { status, body: answer, text } = await send("POST", "/users/register", { body });
  if (status !== 201) return void ledger.strange.push(`registration: ${text}`);
  ledger.members.set(email, {
    email,
    userId: answer.user.user_id,
    id: answer.user.id,
    registeredAt: performance.now(),
    confirmed: false,
    approved: false,
  });
}

/** Takes somebody one or more steps on. A step whose answer never came may have been taken: it is found out by the next. */
async function verify(options: LoadOptions): Promise<void> {
  const { ledger, random, send } = options;
  const alive = performance.now() - codeLivesMilliseconds;
  const waiting = [...ledger.members.values()].filter((one) => !one.approved && one.registeredAt > alive);
  const member = waiting[Math.floor(random() * waiting.length)];
  if (!member) return void (await send("GET", "/livez"));
  if (!member.confirmed && !(await confirm(options, member))) return;
  member.token ??= await logIn(options, member);
  if (member.token === undefined) return;
  const opened = await send("POST", "/ekyc/me/sessions", { body: {}, token: member.token });
  // Somebody else has taken this member on meanwhile, or an answer was lost.
  if (opened.status === 409) return;
  if (opened.status !== 200) return void ledger.strange.push(`session: ${opened.text}`);
  member.sessionId = opened.body.id;
  await approve(options, member);
}

async function confirm({ send, ledger }: LoadOptions, member: Member): Promise<boolean> {
  const { body: mailbox } = await send("GET", `/sandbox/mailbox?to=${encodeURIComponent(member.email)}`);
  const confirmation_code: string | undefined = mailbox.messages[0]?.code;
  if (confirmation_code === undefined) return false;
  const { status, text } = await send("POST", "/users/confirm", { body: { email: member.email, confirmation_code } });
  if (status === 200) member.confirmed = true;
  else if (status !== 400) ledger.strange.push(`confirmation: ${text}`);
  return true;
}

async function logIn({ send, ledger }: LoadOptions, member: Member): Promise<string | undefined> {
  const { status, body, text } = await send("POST", "/auth/login", { body: { email: member.email, password } });
  if (status === 200) member.confirmed = true;
  else if (status !== 429) ledger.strange.push(`log-in of ${member.userId}: ${text}`);
  return body?.accessToken;
}

async function approve({ send, keys, ledger }: LoadOptions, member: Member): Promise<void> {
  const about = { sessionId: member.sessionId as string, userId: member.userId };
  const bodies = [
    eventBody(about, "started"),
    decisionBody(about, "approved", "2026-03-02T10:20:31.512345Z"),
    eventBody(about, "submitted"),
  ];
  await Promise.all(
    [...bodies, ...bodies].map(async (body) => {
      const { status, text } = await deliver(send, keys, body);
      if (status !== 200) return void ledger.strange.push(`webhook: ${text}`);
      ledger.webhooks.add(createHash("sha256").update(body).digest("hex"));
      if (body === bodies[1]) member.approved = true;
    }),
  );
}

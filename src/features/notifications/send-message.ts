import type { Transaction } from "kysely";
import type { Clock } from "../../foundation/clock/index.ts";
import { allOf, type Database } from "../../foundation/database/index.ts";
import type { Ids } from "../../foundation/ids/index.ts";
import type { Jobs } from "../../foundation/jobs/index.ts";
import type { PersonKeys } from "../personal-data/index.ts";
import { deliverMessageJob } from "./jobs.ts";
import { insertMessages, wipeMessages } from "./messages.queries.ts";
import { channelOf, type TemplateName, type TemplateValues } from "./templates.ts";

/** A message to a person, by the way that its template goes. */
export type NewMessage<Name extends TemplateName> = {
  userId: string;
  template: Name;
  /** An e-mail address; for templates that are text messages, a number in E.164. */
  to: string;
  values: TemplateValues[Name];
  /** After this moment it is not sent any more. */
  expiresAt?: Date;
};

/** What is sealed in the row until the message is sent. */
export type MessageContent = { to: string; values: TemplateValues[TemplateName] };

/** Sends messages to people. */
export type Messages = {
  /** Writes the message and its job in the transaction of the deed that causes it; it leaves after the commit. */
  send<Name extends TemplateName>(trx: Transaction<Database>, message: NewMessage<Name>): Promise<void>;
  /** One insert for all messages, and one for their jobs. */
  sendAll(trx: Transaction<Database>, messages: readonly NewMessage<TemplateName>[]): Promise<void>;
};

/** The field name that binds sealed content to its row. */
export const contentField = (messageId: string) => `message ${messageId}`;

type Deps = { clock: Clock; ids: Ids; jobs: Pick<Jobs, "enqueue">; personKeys: PersonKeys };

/** Makes the outbox: rows sealed with the person's key, jobs that carry ids only. */
export function createMessages(deps: Deps): Messages {
  const sendAll: Messages["sendAll"] = async (trx, messages) => {
    if (messages.length === 0) return;
    const rows = await allOf(messages.map((message) => composeRow(deps, trx, message)));
    const payloads = rows.map(({ message_id: messageId }) => ({ messageId }));
    await allOf([insertMessages(trx, rows), deps.jobs.enqueue(trx, deliverMessageJob, payloads)]);
  };
  return { sendAll, send: (trx, message) => sendAll(trx, [message]) };
}

async function composeRow(
  { clock, ids, personKeys }: Deps,
  trx: Transaction<Database>,
  { userId, template, to, values, expiresAt }: NewMessage<TemplateName>,
) {
  const messageId = ids.uuid();
  const content: MessageContent = { to, values };
  return {
    message_id: messageId,
    user_id: userId,
    channel: channelOf(template),
    template,
    content: await personKeys.sealFor(trx, userId, contentField(messageId), content),
    status: "queued",
    created_at: clock.now(),
    expires_at: expiresAt ?? null,
  };
}

/**
 * An outbox for deeds that are done together: it remembers their messages, and `write` sends them with one insert.
 * Whoever collects must write before the transaction ends, or nobody is told anything.
 */
export function collectMessages(messages: Messages): {
  messages: Messages;
  write: (trx: Transaction<Database>) => Promise<void>;
} {
  const waiting: NewMessage<TemplateName>[] = [];
  return {
    messages: {
      send: async (_trx, message) => void waiting.push(message as NewMessage<TemplateName>),
      sendAll: async (_trx, more) => void waiting.push(...more),
    },
    write: (trx) => messages.sendAll(trx, waiting.splice(0)),
  };
}

/** Forgets what is still to be sent to a person, in the transaction that erases them. */
export async function forgetMessages(trx: Transaction<Database>, userId: string): Promise<void> {
  await wipeMessages(trx, userId);
}

import type { Transaction } from "kysely";
import type { Clock } from "../../foundation/clock/index.ts";
import type { Database } from "../../foundation/database/index.ts";
import type { Ids } from "../../foundation/ids/index.ts";
import type { Jobs } from "../../foundation/jobs/index.ts";
import type { PersonKeys } from "../personal-data/index.ts";
import { deliverMessageJob } from "./jobs.ts";
import { insertMessage, wipeMessages } from "./messages.queries.ts";
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
};

/** The field name that binds sealed content to its row. */
export const contentField = (messageId: string) => `message ${messageId}`;

/** Makes the outbox: rows sealed with the person's key, jobs that carry ids only. */
export function createMessages(deps: {
  clock: Clock;
  ids: Ids;
  jobs: Pick<Jobs, "enqueue">;
  personKeys: PersonKeys;
}): Messages {
  return {
    send: async (trx, { userId, template, to, values, expiresAt }) => {
      const messageId = deps.ids.uuid();
      const content: MessageContent = { to, values };
      await insertMessage(trx, {
        message_id: messageId,
        user_id: userId,
        channel: channelOf(template),
        template,
        content: await deps.personKeys.sealFor(trx, userId, contentField(messageId), content),
        status: "queued",
        created_at: deps.clock.now(),
        expires_at: expiresAt ?? null,
      });
      await deps.jobs.enqueue(trx, deliverMessageJob, [{ messageId }]);
    },
  };
}

/** Forgets what is still to be sent to a person, in the transaction that erases them. */
export async function forgetMessages(trx: Transaction<Database>, userId: string): Promise<void> {
  await wipeMessages(trx, userId);
}

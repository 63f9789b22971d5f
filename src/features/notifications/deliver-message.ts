import type { Clock } from "../../foundation/clock/index.ts";
import type { Db } from "../../foundation/database/index.ts";
import type { JobHandler } from "../../foundation/jobs/index.ts";
import type { Logger } from "../../foundation/logging/index.ts";
import type { PersonKeys } from "../personal-data/index.ts";
import type { MailChannel, MailOutcome } from "./mail-channel.ts";
import { endMessage, findQueuedMessage, noteFailedTry } from "./messages.queries.ts";
import { contentField, type MessageContent } from "./send-message.ts";
import type { SmsChannel } from "./sms-channel.ts";
import {
  channelOf,
  isTemplate,
  type MailTemplateName,
  renderMessage,
  renderText,
  type SmsTemplateName,
  type TemplateName,
} from "./templates.ts";

type DeliverDeps = {
  db: Db;
  clock: Clock;
  log: Logger;
  mail: MailChannel;
  /** Undefined where no way to send text messages is configured. */
  sms: SmsChannel | undefined;
  personKeys: PersonKeys;
};

/**
 * The handler of `deliver-message`: opens, renders and sends one message, then wipes its content. A job may run twice
 * (a crash between sending and noting it); the mail then carries the same Message-ID. Refused for good, expired or
 * erased messages end without a retry; anything else throws, so that the job comes again.
 */
export function deliverMessage(deps: DeliverDeps): JobHandler<{ messageId: string }> {
  return async ({ messageId }, { lastAttempt }) => {
    const row = await findQueuedMessage(deps.db, messageId);
    if (!row) return;
    if (row.expires_at && row.expires_at <= deps.clock.now())
      return endMessage(deps.db, messageId, { status: "expired" });
    const content = row.content
      ? await deps.personKeys.findOpenFor<MessageContent>(deps.db, row.user_id, contentField(messageId), row.content)
      : undefined;
    if (!content) return endMessage(deps.db, messageId, { status: "failed", failure: "erased" });
    if (!isTemplate(row.template))
      return endMessage(deps.db, messageId, { status: "failed", failure: "unknown template" });
    const result = await send(deps, row.template, { messageId, content, expiresAt: row.expires_at });
    if (result.outcome === "sent") return endMessage(deps.db, messageId, { status: "sent", sent_at: deps.clock.now() });
    const givesUp = result.outcome === "refused" || lastAttempt;
    if (givesUp) await endMessage(deps.db, messageId, { status: "failed", failure: result.failure });
    else await noteFailedTry(deps.db, messageId, result.failure);
    deps.log.warn("message not delivered", { verdict: result.failure });
    if (result.outcome === "not-now") throw new Error(`The message was not taken for sending: ${result.failure}.`);
  };
}

async function send(
  deps: DeliverDeps,
  template: TemplateName,
  message: { messageId: string; content: MessageContent; expiresAt: Date | null },
): Promise<MailOutcome> {
  const { to, values } = message.content;
  if (channelOf(template) === "email")
    return deps.mail.send({
      id: message.messageId,
      to,
      ...renderMessage(template as MailTemplateName, values as never),
    });
  // Written by a process that has the channel, taken up by one that has not.
  if (!deps.sms) return { outcome: "not-now", failure: "sms not configured" };
  return deps.sms.send({
    to,
    text: renderText(template as SmsTemplateName, values as never),
    expiresAt: message.expiresAt,
  });
}

export { deliverMessage } from "./deliver-message.ts";
export { deliverMessageJob } from "./jobs.ts";
export { createMailChannel, type Mail, type MailChannel, type MailOutcome } from "./mail-channel.ts";
export { createTwilioChannel, type TwilioAccount } from "./providers/twilio/twilio-channel.ts";
export { collectMessages, createMessages, forgetMessages, type Messages, type NewMessage } from "./send-message.ts";
export type { Sms, SmsChannel, SmsOutcome } from "./sms-channel.ts";
export type { TemplateName, TemplateValues } from "./templates.ts";

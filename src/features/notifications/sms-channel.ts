/** One text message, ready to be sent. */
export type Sms = {
  /** E.164. */
  to: string;
  text: string;
  /** After this moment it should not arrive any more. */
  expiresAt: Date | null;
};

/** What became of a text message. `failure` is the provider's code, never its sentence: it may quote the number. */
export type SmsOutcome =
  | { outcome: "sent" }
  | { outcome: "refused"; failure: string }
  | { outcome: "not-now"; failure: string };

/** A way to send text messages. */
export type SmsChannel = {
  /** Sends; a refusal for good and a failure that may pass are answers, not errors. */
  send(sms: Sms): Promise<SmsOutcome>;
};

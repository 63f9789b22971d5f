/** One of Twilio's refusals. */
export type TwilioError = { status: number; code: number; message: string };

const e164 = /^\+[1-9]\d{6,14}$/;
const longestBody = 1600;
/** Ten hours. */
const longestValiditySeconds = 36_000;

/** The recipients with which Twilio's test credentials play a refusal. */
const magicRecipients: Record<string, { code: number; why: string }> = {
  "+15005550001": { code: 21211, why: "is not a valid phone number." },
  "+15005550002": { code: 21612, why: "cannot be reached from this sender." },
  "+15005550003": { code: 21408, why: "is in a region that is not enabled for this account." },
  "+15005550004": { code: 21610, why: "has unsubscribed." },
  "+15005550009": { code: 21614, why: "is not a mobile number." },
};

/** Why Twilio would not take a message with these form fields; undefined where it would. `sender` is the account's own. */
export function findMessageError(
  fields: Record<string, string | undefined>,
  { sender }: { sender: string },
): TwilioError | undefined {
  const { To: to, From: from, MessagingServiceSid: service, Body: body, ValidityPeriod: validity } = fields;
  const refuse = (code: number, message: string) => ({ status: 400, code, message });
  if (!to) return refuse(21604, "A 'To' phone number is required.");
  if (!from && !service) return refuse(21603, "A 'From' phone number is required.");
  if (from && from !== sender) return refuse(21606, "The 'From' number is not one of this account's.");
  if (!body) return refuse(21602, "Message body is required.");
  if (body.length > longestBody) return refuse(21617, "The message body exceeds the 1600 character limit.");
  if (validity !== undefined && !(/^[1-9]\d{0,4}$/.test(validity) && Number(validity) <= longestValiditySeconds))
    return refuse(20001, "ValidityPeriod must be between 1 and 36000 seconds.");
  const magic = magicRecipients[to];
  if (magic) return refuse(magic.code, `The 'To' number ${to} ${magic.why}`);
  if (!e164.test(to)) return refuse(21211, `The 'To' number ${to} is not a valid phone number.`);
  return undefined;
}

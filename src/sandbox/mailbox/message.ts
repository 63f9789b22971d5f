import { randomUUID } from "node:crypto";
import PostalMime from "postal-mime";

/** A message the mailbox caught. */
export type Message = {
  id: string;
  /** Where it was really sent (the envelope), several separated by ", ". */
  to: string;
  from: string;
  subject: string;
  text: string;
  html?: string;
  /** ISO 8601, UTC. */
  receivedAt: string;
  /** The first six-digit code in the text: what scripts come for. */
  code?: string;
};

/** Reads a raw message (RFC 5322, MIME) as it came over SMTP with its envelope. */
export async function readMessage(
  raw: Buffer,
  envelope: { from: string; to: readonly string[] },
  receivedAt: Date,
): Promise<Message> {
  const mail = await PostalMime.parse(raw);
  const text = mail.text ?? "";
  const code = /\b\d{6}\b/.exec(text)?.[0];
  return {
    id: randomUUID(),
    to: envelope.to.join(", "),
    from: mail.from?.address ?? envelope.from,
    subject: mail.subject ?? "",
    text,
    ...(mail.html ? { html: mail.html } : {}),
    receivedAt: receivedAt.toISOString(),
    ...(code ? { code } : {}),
  };
}

/** A text message as the mailbox keeps it. */
export function readText(text: { from: string; to: string; text: string }, receivedAt: Date): Message {
  const code = /\b\d{6}\b/.exec(text.text)?.[0];
  return {
    id: randomUUID(),
    ...text,
    subject: "Text message",
    receivedAt: receivedAt.toISOString(),
    ...(code ? { code } : {}),
  };
}

/** Whether a message went to an address or number; compared without regard to case and to the + that URLs make a space. */
export function isAddressedTo(message: Message, address: string): boolean {
  const plain = (text: string) => text.trim().toLowerCase().replace(/^\+/, "");
  return message.to.split(", ").map(plain).includes(plain(address));
}

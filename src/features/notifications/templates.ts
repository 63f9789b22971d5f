/** What each template is filled with. No names: whoever registers chooses them, and the mailbox may be somebody else's. */
export type TemplateValues = {
  "confirm-email": { code: string; expiresInMinutes: number };
  "reset-password": { code: string; expiresInMinutes: number };
  "password-changed": Record<string, never>;
  "phone-code": { code: string; expiresInMinutes: number };
  "second-factor-added": Record<string, never>;
  "second-factor-removed": Record<string, never>;
  "recovery-codes-renewed": Record<string, never>;
  welcome: Record<string, never>;
  "wallet-linked": Record<string, never>;
  "kyc-approved": { purpose: "required" | "optional" };
  /** `reason` in words for the person; null for none. */
  "kyc-rejected": { purpose: "required" | "optional"; reason: string | null };
  "kyc-blocked": { reason: string | null };
  /** What the person can do better. */
  "kyc-resubmit": { todo: string | null };
};

export type TemplateName = keyof TemplateValues;

/** Templates that go out as a text message to a phone; all others are e-mails. */
export type SmsTemplateName = "phone-code";
export type MailTemplateName = Exclude<TemplateName, SmsTemplateName>;

/** What a template says; a paragraph with `code` stands out. */
type Letter = { subject: string; paragraphs: (string | { code: string })[] };

/** Every e-mail that Usher sends, by name: adding one is one entry, forgetting it does not compile. */
const letters: { [Name in MailTemplateName]: (values: TemplateValues[Name]) => Letter } = {
  "confirm-email": ({ code, expiresInMinutes }) => ({
    subject: "Your confirmation code",
    paragraphs: [
      "Hello,",
      "welcome! To confirm your e-mail address, enter this code where you signed up:",
      { code },
      `It works once, within the next ${expiresInMinutes} minutes. If you ask for a new code, only the newest one counts.`,
      "You did not sign up? Then ignore this message; without the code, nothing happens.",
    ],
  }),
  "reset-password": ({ code, expiresInMinutes }) => ({
    subject: "Your code for a new password",
    paragraphs: [
      "Hello,",
      "somebody asked for a new password for your account. If it was you, enter this code and choose the new password:",
      { code },
      `It works once, within the next ${expiresInMinutes} minutes. If you ask for a new code, only the newest one counts.`,
      "It was not you? Then ignore this message: your password stays as it is. Never tell anybody the code; we will not ask you for it.",
    ],
  }),
  "password-changed": () => ({
    subject: "Your password was changed",
    paragraphs: [
      "Hello,",
      "the password of your account was just changed, and every device was logged out.",
      "It was not you? Then ask for a new password at once, and tell us.",
    ],
  }),
  welcome: () => ({
    subject: "Your profile is complete",
    paragraphs: [
      "Hello,",
      "welcome! Your profile is complete, and your wallet is linked to it: from now on you log in by signing a message with it.",
      "A code to confirm this e-mail address comes in a message of its own, unless it was confirmed before.",
      "It was not you? Then ignore this message; without the code, nothing happens.",
    ],
  }),
  "wallet-linked": () => ({
    subject: "A wallet was linked to your account",
    paragraphs: [
      "Hello,",
      "a wallet was just linked to your account. Whoever holds it can log in to the account.",
      "It was not you? Then remove it from your account at once, log out everywhere, and tell us.",
    ],
  }),
  "kyc-approved": ({ purpose }) => ({
    subject: "Your identity is confirmed",
    paragraphs: [
      "Hello,",
      purpose === "required"
        ? "your identity was checked and is confirmed. Nothing stands in the way of using your account."
        : "your additional verification was checked and is confirmed.",
      "You did not ask for a verification? Then tell us at once.",
    ],
  }),
  "kyc-rejected": ({ purpose, reason }) => ({
    subject: "Your verification was not successful",
    paragraphs: [
      "Hello,",
      `we are sorry: your ${purpose === "required" ? "" : "additional "}verification was not successful.`,
      ...(reason === null ? [] : [reason]),
      "You think that this is a mistake? Then tell us: somebody will look at it, and can let you try once more.",
    ],
  }),
  "kyc-blocked": ({ reason }) => ({
    subject: "Your account is on hold",
    paragraphs: [
      "Hello,",
      "your account was put on hold and cannot be used for now.",
      ...(reason === null ? [] : [reason]),
      "Please get in touch with us: we will tell you what happens next.",
    ],
  }),
  "kyc-resubmit": ({ todo }) => ({
    subject: "Please hand in your documents once more",
    paragraphs: [
      "Hello,",
      "your verification is not finished: what you handed in could not be used.",
      ...(todo === null ? [] : [todo]),
      "Open the verification again where you began it; it goes on from there.",
    ],
  }),
  "second-factor-added": () => ({
    subject: "Your account asks for a second factor now",
    paragraphs: [
      "Hello,",
      "a second factor was just added to your account. From now on, logging in asks for it as well.",
      "It was not you? Then set a new password at once, and tell us.",
    ],
  }),
  "second-factor-removed": () => ({
    subject: "A second factor was removed from your account",
    paragraphs: [
      "Hello,",
      "a second factor of your account was just removed.",
      "It was not you? Then set a new password at once, and tell us.",
    ],
  }),
  "recovery-codes-renewed": () => ({
    subject: "Your account has new recovery codes",
    paragraphs: [
      "Hello,",
      "new recovery codes were just made for your account. Those of before count no more.",
      "It was not you? Then set a new password at once, and tell us.",
    ],
  }),
};

/** Every text message; at most 160 characters of the GSM alphabet, so that it is one part. */
const texts: { [Name in SmsTemplateName]: (values: TemplateValues[Name]) => string } = {
  "phone-code": ({ code, expiresInMinutes }) =>
    `${code} is your code to confirm this number. It works once, for ${expiresInMinutes} minutes. Never tell it to anybody.`,
};

/** The way that a template goes out. */
export function channelOf(template: TemplateName): "email" | "sms" {
  return Object.hasOwn(texts, template) ? "sms" : "email";
}

/** Renders a stored text message. */
export function renderText<Name extends SmsTemplateName>(template: Name, values: TemplateValues[Name]): string {
  return texts[template](values);
}

/** A message as it goes out. */
export type Rendered = { subject: string; text: string; html: string };

/** Renders a stored e-mail; `values` are those that `send` took for this template. */
export function renderMessage<Name extends MailTemplateName>(template: Name, values: TemplateValues[Name]): Rendered {
  const { subject, paragraphs } = letters[template](values);
  const text = paragraphs.map((part) => (typeof part === "string" ? part : `    ${part.code}`)).join("\n\n");
  const html = paragraphs
    .map((part) => (typeof part === "string" ? `<p>${escapeHtml(part)}</p>` : codeBlock(part.code)))
    .join("\n");
  return { subject, text: `${text}\n`, html: page(subject, html) };
}

/** Whether a stored name is a template of this version. */
export function isTemplate(name: string): name is TemplateName {
  return Object.hasOwn(letters, name) || Object.hasOwn(texts, name);
}

function codeBlock(code: string): string {
  return `<p style="font-size:28px;letter-spacing:6px;font-weight:bold">${escapeHtml(code)}</p>`;
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head>
<body style="font-family:sans-serif;font-size:16px;line-height:1.5;max-width:34em;margin:2em auto;color:#222">
${body}
</body></html>
`;
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

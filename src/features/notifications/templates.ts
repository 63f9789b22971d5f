/** What each template is filled with. No names: whoever registers chooses them, and the mailbox may be somebody else's. */
export type TemplateValues = {
  "confirm-email": { code: string; expiresInMinutes: number };
  "reset-password": { code: string; expiresInMinutes: number };
  "password-changed": Record<string, never>;
};

export type TemplateName = keyof TemplateValues;

/** What a template says; a paragraph with `code` stands out. */
type Letter = { subject: string; paragraphs: (string | { code: string })[] };

/** Every message that Usher sends, by name: adding one is one entry, forgetting it does not compile. */
const letters: { [Name in TemplateName]: (values: TemplateValues[Name]) => Letter } = {
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
};

/** A message as it goes out. */
export type Rendered = { subject: string; text: string; html: string };

/** Renders a stored message; `values` are those that `send` took for this template. */
export function renderMessage<Name extends TemplateName>(template: Name, values: TemplateValues[Name]): Rendered {
  const { subject, paragraphs } = letters[template](values);
  const text = paragraphs.map((part) => (typeof part === "string" ? part : `    ${part.code}`)).join("\n\n");
  const html = paragraphs
    .map((part) => (typeof part === "string" ? `<p>${escapeHtml(part)}</p>` : codeBlock(part.code)))
    .join("\n");
  return { subject, text: `${text}\n`, html: page(subject, html) };
}

/** Whether a stored name is a template of this version. */
export function isTemplate(name: string): name is TemplateName {
  return Object.hasOwn(letters, name);
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

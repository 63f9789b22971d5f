import type { Transporter } from "nodemailer";

/** Mails a code; what it is for shows in the words only. */
export type MailCode = (mail: { to: string; code: string; purpose: "signUp" | "forgotPassword" }) => Promise<void>;

const words = {
  signUp: { subject: "Your verification code", text: "Your confirmation code is" },
  forgotPassword: { subject: "Your password reset code", text: "Your password reset code is" },
} as const;

/** Mails over SMTP, as Cognito's own sender; without a server nothing is mailed, and GET /sandbox/codes shows the codes. */
export function createMailCode(smtpUrl: (() => string) | undefined): MailCode & { close(): void } {
  let transport: Transporter | undefined;
  const mailCode: MailCode = async ({ to, code, purpose }) => {
    if (!smtpUrl) return;
    // Loaded with the first mail: most starts send none.
    const { createTransport } = await import("nodemailer");
    transport ??= createTransport(smtpUrl());
    const { subject, text } = words[purpose];
    await transport.sendMail({ from: "no-reply@verificationemail.com", to, subject, text: `${text} ${code}` });
  };
  return Object.assign(mailCode, { close: () => transport?.close() });
}

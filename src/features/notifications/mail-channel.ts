/** One e-mail, ready to be sent. */
export type Mail = {
  /** The id of our message: becomes the Message-ID, so that a repeat after a lost answer is recognisable. */
  id: string;
  to: string;
  subject: string;
  text: string;
  html: string;
};

/** What became of a mail. `failure` is an SMTP code such as `550 5.1.1`, never the server's sentence: it may quote the address. */
export type MailOutcome =
  | { outcome: "sent" }
  | { outcome: "refused"; failure: string }
  | { outcome: "not-now"; failure: string };

/** A way to send e-mail. */
export type MailChannel = {
  /** Sends; a refusal for good (SMTP 5xx) and a failure that may pass are answers, not errors. */
  send(mail: Mail): Promise<MailOutcome>;
  /** Whether the mail server can be reached and takes our log-in. @throws Error naming the remedy */
  verify(): Promise<void>;
  close(): void;
};

const seconds = 1000;

/**
 * E-mail over SMTP (RFC 5321) on up to four kept connections. `smtpUrl` is `smtp://` or `smtps://`, with user and
 * password where the server asks for them; `from` is an address, or `Name <address>`.
 */
export function createMailChannel(options: { smtpUrl: string; from: string }): MailChannel {
  let connecting: ReturnType<typeof connect> | undefined;
  // Loaded with the first mail: a process that sends none does without the library.
  const open = () => {
    connecting ??= connect(options);
    return connecting;
  };
  const domain = /@([a-z0-9.-]+)>?\s*$/i.exec(options.from)?.[1] ?? "localhost";
  return {
    send: async ({ id, to, subject, text, html }) => {
      try {
        const transport = await open();
        await transport.sendMail({ messageId: `<${id}@${domain}>`, to: plainAddress(to), subject, text, html });
        return { outcome: "sent" };
      } catch (error) {
        return describeFailure(error);
      }
    },
    verify: async () => {
      const transport = await open();
      const reached = await transport.verify().catch(describeFailure);
      if (reached === true) return;
      throw new Error(`The mail server does not answer as it should (${reached.failure}): check SMTP_URL.`);
    },
    // What went wrong with the opening was told to whoever sent.
    close: () =>
      void connecting?.then(
        (transport) => transport.close(),
        () => undefined,
      ),
  };
}

async function connect({ smtpUrl, from }: { smtpUrl: string; from: string }) {
  const { createTransport } = await import("nodemailer");
  return createTransport(
    {
      url: smtpUrl,
      pool: true,
      maxConnections: 4,
      maxMessages: 100,
      connectionTimeout: 5 * seconds,
      greetingTimeout: 5 * seconds,
      socketTimeout: 15 * seconds,
      disableFileAccess: true,
      disableUrlAccess: true,
    },
    { from, headers: { "Auto-Submitted": "auto-generated" } },
  );
}

/** An address object keeps the text from being read as a list of several recipients. */
function plainAddress(address: string): { name: string; address: string } {
  if (!/^[\x21-\x7e]+@[\x21-\x7e]+$/.test(address) || /[<>,;:"()[\]\\]/.test(address)) {
    throw Object.assign(new Error("The recipient is not a plain e-mail address."), { code: "EENVELOPE" });
  }
  return { name: "", address };
}

/** EENVELOPE without an SMTP code: the address itself cannot be sent to. */
function describeFailure(error: unknown): Exclude<MailOutcome, { outcome: "sent" }> {
  const { responseCode, response, code } = error as { responseCode?: unknown; response?: unknown; code?: unknown };
  if (typeof responseCode === "number") {
    const enhanced = /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(String(response))?.[1];
    const failure = enhanced ? `${responseCode} ${enhanced}` : String(responseCode);
    // 535, 530 and 534 refuse our own log-in, not the recipient: that is for the operator to mend.
    const oursToMend = code === "EAUTH";
    return { outcome: responseCode >= 500 && !oursToMend ? "refused" : "not-now", failure };
  }
  const failure = typeof code === "string" && /^[A-Z_]{2,30}$/.test(code) ? code : "failed";
  return { outcome: failure === "EENVELOPE" ? "refused" : "not-now", failure };
}

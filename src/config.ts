import {
  BadVariable,
  origins,
  readEnvironment,
  secret,
  text,
  textOr,
  url,
  type Variable,
  wholeNumber,
  word,
} from "./foundation/config/index.ts";
import { readMasterKey } from "./foundation/crypto/index.ts";

const masterKey: Variable<Buffer | undefined> = {
  about: "32 bytes in base64 that wrap the per-person keys; made and kept in USHER_DATA_DIR in sandbox mode",
  secret: true,
  read: (given) => {
    if (given === undefined) return undefined;
    try {
      return readMasterKey(given);
    } catch {
      throw new BadVariable("must be 32 bytes in base64; make one with `openssl rand -base64 32`.");
    }
  },
};

/** Every variable there is. `README.md` lists them from here. */
export const variables = {
  USHER_MODE: word(["sandbox", "production"], "Whether outside parties are local doubles or the real ones"),
  USHER_ROLE: word(["all", "api", "worker"], "What this process runs"),
  PORT: wholeNumber({ from: 1, to: 65_535 }, "Where it listens (8080)"),
  HOST: textOr("127.0.0.1", "The address it listens on"),
  PUBLIC_URL: url(["http", "https"], "How the world calls it (http://localhost:PORT in sandbox mode)"),
  TRUST_PROXY: text("Addresses of proxies whose X-Forwarded-For is believed, comma-separated (none)"),
  DATABASE_URL: url(["postgres", "postgresql"], "The database; embedded when unset", { secret: true }),
  DATABASE_OWNER_URL: url(["postgres", "postgresql"], "The owner's log-in, for migrations (DATABASE_URL)", {
    secret: true,
  }),
  DATABASE_POOL_SIZE: wholeNumber({ from: 2, to: 100 }, "Connections for requests (10)"),
  USHER_DATA_DIR: textOr(".usher", "Embedded database, sandbox keys, exported checkpoints"),
  LOG_LEVEL: word(["info", "warn", "error", "silent"], "The least severe log lines that are printed"),
  VERIFF_BASE_URL: url(["http", "https"], "Veriff's API; the local double in sandbox mode"),
  VERIFF_API_KEY: secret("Veriff's API key"),
  VERIFF_SHARED_SECRET: secret("Veriff's shared secret"),
  CALLBACK_ORIGINS: origins("Origins to which a person may return after a verification"),
  SMTP_URL: url(["smtp", "smtps"], "The mail server; the local mailbox in sandbox mode", { secret: true }),
  MAIL_FROM: textOr("Usher <no-reply@usher.invalid>", "The sender of mails"),
  RATE_LIMITS: word(["on", "off"], "off is for load tests, in sandbox mode only"),
  METRICS_PORT: wholeNumber({ from: 0, to: 65_535 }, "A port of its own for /metrics"),
  METRICS_TOKEN: secret("Bearer token for /metrics on the main port"),
  SANDBOX_PORT: wholeNumber({ from: 0, to: 65_535 }, "Where the Veriff double listens (PORT + 1)"),
  MASTER_KEY: masterKey,
  BOOTSTRAP_ADMIN_EMAIL: text("The first internal-admin's e-mail address"),
  BOOTSTRAP_ADMIN_PASSWORD: secret("The first internal-admin's password"),
};

/** The configuration of one process, read once and frozen. */
export type Config = ReturnType<typeof readConfig>;

/**
 * Reads the configuration.
 *
 * @throws ConfigurationError listing every problem at once
 */
export function readConfig(environment: Record<string, string | undefined>) {
  return readEnvironment(variables, environment, (values) => {
    const problems: string[] = [];
    const demand = (name: keyof typeof values, why: string) => {
      if (values[name] === undefined) problems.push(`${name} is not set; ${why}`);
    };
    if (values.BOOTSTRAP_ADMIN_EMAIL !== undefined)
      demand("BOOTSTRAP_ADMIN_PASSWORD", "the first admin needs both e-mail address and password.");
    if (values.DATABASE_OWNER_URL !== undefined)
      demand("DATABASE_URL", "DATABASE_OWNER_URL is the second log-in to the same database.");
    if (values.VERIFF_BASE_URL !== undefined) {
      demand("VERIFF_API_KEY", "the Veriff Customer Portal shows it beside the address.");
      demand("VERIFF_SHARED_SECRET", "the Veriff Customer Portal shows it; webhooks are checked with it.");
    }
    if (values.USHER_MODE === "sandbox") return problems;
    demand("PUBLIC_URL", "tokens and links are built from it.");
    demand("DATABASE_URL", "production does not use the embedded database.");
    demand(
      "MASTER_KEY",
      "make one with `openssl rand -base64 32` and keep it safe: without it nothing sealed can be read.",
    );
    demand("VERIFF_BASE_URL", "the Veriff Customer Portal shows it beside the API key.");
    demand("SMTP_URL", "confirmation codes go out by mail.");
    if (values.PUBLIC_URL?.startsWith("http://")) problems.push("PUBLIC_URL must begin with https:// in production.");
    if (values.VERIFF_BASE_URL?.startsWith("http://"))
      problems.push("VERIFF_BASE_URL must begin with https:// in production.");
    if (values.CALLBACK_ORIGINS.some((origin) => origin.startsWith("http://")))
      problems.push("CALLBACK_ORIGINS must be https:// origins in production.");
    if (values.MAIL_FROM.includes("usher.invalid"))
      problems.push("MAIL_FROM is not set; it must be an address that your mail server may send from.");
    if (values.RATE_LIMITS === "off") problems.push("RATE_LIMITS=off is for load tests in sandbox mode only.");
    return problems;
  });
}

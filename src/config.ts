import { bridgeWebhookKeys } from "./bridge-webhook-keys.ts";
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
import { trustedIssuers } from "./trusted-issuers.ts";

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

const chainIds: Variable<readonly [number, ...number[]]> = {
  about: "Chains that a wallet's message may name, comma-separated; the first one is the usual (1)",
  read: (given) => {
    const [first, ...others] = (given ?? "1").split(",").map((item) => item.trim());
    const all = [first ?? "", ...others].map((item) => (/^[1-9][0-9]{0,14}$/.test(item) ? Number(item) : Number.NaN));
    if (all.some(Number.isNaN))
      throw new BadVariable("must be a comma-separated list of chain ids (EIP-155), such as 1,137.");
    return all as [number, ...number[]];
  },
};

const requiredProviders: Variable<readonly ("veriff" | "bridge")[]> = {
  about: "Providers that all have to approve a person: veriff, bridge or both, comma-separated (one approval clears)",
  read: (given) =>
    [...new Set((given ?? "").split(",").map((item) => item.trim()))].filter(Boolean).map((name) => {
      if (name === "veriff" || name === "bridge") return name;
      throw new BadVariable("must be a comma-separated list of veriff and bridge.");
    }),
};

const previousSecrets: Variable<readonly string[]> = {
  about: "Veriff's shared secrets of before, comma-separated: deliveries signed with them still count (none)",
  secret: true,
  read: (given) =>
    (given ?? "")
      .split(",")
      .map((item) => item.trim())
      .filter(Boolean),
};

const operatorSecondFactor: Variable<"on" | "off" | undefined> = {
  about: "Whether operators may only enrol before they log in with a second factor: on, off (on; off in sandbox mode)",
  read: (given) => {
    if (given !== undefined && given !== "on" && given !== "off") throw new BadVariable("must be on or off.");
    return given;
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
  DATABASE_POOL_SIZE: wholeNumber(
    { from: 2, to: 100 },
    "Connections for requests, beside one that short reads share (10)",
  ),
  USHER_DATA_DIR: textOr(".usher", "Embedded database, sandbox keys, exported checkpoints"),
  LOG_LEVEL: word(["info", "warn", "error", "silent"], "The least severe log lines that are printed"),
  IDENTITY_PROVIDER: word(["embedded", "cognito"], "Who keeps accounts and passwords"),
  AWS_REGION: text("The region of AWS services, such as eu-west-1"),
  COGNITO_USER_POOL_ID: text("The Cognito user pool; a local double in sandbox mode"),
  COGNITO_CLIENT_ID: text("The app client of the user pool"),
  COGNITO_CLIENT_SECRET: secret("The app client's secret"),
  COGNITO_ENDPOINT: url(
    ["http", "https"],
    "Where Cognito answers: for emulators, or AWS's endpoint in a private network",
  ),
  TRUSTED_ISSUERS: trustedIssuers,
  VERIFF_BASE_URL: url(["http", "https"], "Veriff's API; the local double in sandbox mode"),
  VERIFF_API_KEY: secret("Veriff's API key"),
  VERIFF_SHARED_SECRET: secret("Veriff's shared secret"),
  VERIFF_PREVIOUS_SHARED_SECRET: previousSecrets,
  KYC_REQUIRED_PROVIDERS: requiredProviders,
  BRIDGE_BASE_URL: url(["http", "https"], "Bridge's API; the local double in sandbox mode; without BRIDGE_* no Bridge"),
  BRIDGE_API_KEY: secret("Bridge's API key"),
  BRIDGE_WEBHOOK_PUBLIC_KEYS: bridgeWebhookKeys,
  CALLBACK_ORIGINS: origins("Origins to which a person may return after a verification"),
  SMTP_URL: url(["smtp", "smtps"], "The mail server; the local mailbox in sandbox mode", { secret: true }),
  MAIL_FROM: textOr("Usher <no-reply@usher.invalid>", "The sender of mails"),
  WALLET_CHAIN_IDS: chainIds,
  CHAIN_RPC_URL: url(
    ["http", "https"],
    "The node of one chain that is asked about contract wallets; they are refused without",
    {
      secret: true,
    },
  ),
  WALLET_BARE_NONCE: word(["off", "on"], "Whether a wallet may sign the bare nonce in place of the message"),
  SMS_BASE_URL: url(["http", "https"], "Twilio's API (https://api.twilio.com); the local double in sandbox mode"),
  SMS_ACCOUNT_SID: text("Twilio's account id, AC…; without SMS_* production sends no text messages"),
  SMS_AUTH_TOKEN: secret("Twilio's auth token"),
  SMS_FROM: text("The sender of text messages: a number in E.164, a name, or a messaging service MG…"),
  REQUIRE_OPERATOR_SECOND_FACTOR: operatorSecondFactor,
  RATE_LIMITS: word(["on", "off"], "off is for load tests, in sandbox mode only"),
  METRICS_PORT: wholeNumber({ from: 0, to: 65_535 }, "A port of its own for /metrics"),
  METRICS_TOKEN: secret("Bearer token for /metrics on the main port"),
  SANDBOX_PORT: wholeNumber(
    { from: 0, to: 65_535 },
    "Where the Veriff double listens (PORT + 1), and on the next port the Bridge double",
  ),
  SANDBOX_WEATHER: text(
    "What goes wrong between Usher and the doubles, such as `rough` or duplicate=0.3 (docs/sandbox.md)",
  ),
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
    if (values.IDENTITY_PROVIDER === "cognito" && !usesCognitoDouble(values))
      for (const name of ["AWS_REGION", "COGNITO_USER_POOL_ID", "COGNITO_CLIENT_ID"] as const)
        demand(name, "IDENTITY_PROVIDER=cognito needs the user pool, its app client and their region.");
    if (values.TRUSTED_ISSUERS.some(({ issuer }) => issuer === values.PUBLIC_URL))
      problems.push("TRUSTED_ISSUERS names PUBLIC_URL itself; our own tokens are accepted without it.");
    if (values.SMS_ACCOUNT_SID ?? values.SMS_AUTH_TOKEN ?? values.SMS_FROM ?? values.SMS_BASE_URL)
      for (const name of ["SMS_ACCOUNT_SID", "SMS_AUTH_TOKEN", "SMS_FROM"] as const)
        demand(name, "text messages need all of SMS_ACCOUNT_SID, SMS_AUTH_TOKEN and SMS_FROM.");
    if (values.VERIFF_BASE_URL !== undefined) {
      demand("VERIFF_API_KEY", "the Veriff Customer Portal shows it beside the address.");
      demand("VERIFF_SHARED_SECRET", "the Veriff Customer Portal shows it; webhooks are checked with it.");
    }
    problems.push(...findBridgeProblems(values));
    if (values.USHER_MODE === "sandbox") return problems;
    if (
      values.COGNITO_ENDPOINT !== undefined &&
      !/^https:\/\/[a-z0-9.-]+\.amazonaws\.com$/.test(values.COGNITO_ENDPOINT)
    )
      problems.push(
        "COGNITO_ENDPOINT must be an https:// endpoint of amazonaws.com in production: emulators are trusted by nobody.",
      );
    demand("PUBLIC_URL", "tokens and links are built from it.");
    demand("DATABASE_URL", "production does not use the embedded database.");
    demand(
      "MASTER_KEY",
      "make one with `openssl rand -base64 32` and keep it safe: without it nothing sealed can be read.",
    );
    demand("VERIFF_BASE_URL", "the Veriff Customer Portal shows it beside the API key.");
    demand("SMTP_URL", "confirmation codes go out by mail.");
    if (values.PUBLIC_URL?.startsWith("http://")) problems.push("PUBLIC_URL must begin with https:// in production.");
    if (values.TRUSTED_ISSUERS.some(({ issuer, jwksUri }) => `${issuer} ${jwksUri}`.includes("http://")))
      problems.push("TRUSTED_ISSUERS must begin with https:// in production, their jwks_uri too.");
    if (values.VERIFF_BASE_URL?.startsWith("http://"))
      problems.push("VERIFF_BASE_URL must begin with https:// in production.");
    if (values.BRIDGE_BASE_URL?.startsWith("http://"))
      problems.push("BRIDGE_BASE_URL must begin with https:// in production.");
    if (values.SMS_BASE_URL?.startsWith("http://"))
      problems.push("SMS_BASE_URL must begin with https:// in production.");
    if (values.CALLBACK_ORIGINS.some((origin) => origin.startsWith("http://")))
      problems.push("CALLBACK_ORIGINS must be https:// origins in production.");
    if (values.MAIL_FROM.includes("usher.invalid"))
      problems.push("MAIL_FROM is not set; it must be an address that your mail server may send from.");
    if (values.SANDBOX_WEATHER !== undefined) problems.push("SANDBOX_WEATHER is for sandbox mode only.");
    if (values.RATE_LIMITS === "off") problems.push("RATE_LIMITS=off is for load tests in sandbox mode only.");
    return problems;
  });
}

/** All or none: half a Bridge would take people in and never hear of them again. */
function findBridgeProblems(values: {
  BRIDGE_BASE_URL?: string;
  BRIDGE_API_KEY?: string;
  BRIDGE_WEBHOOK_PUBLIC_KEYS: readonly unknown[];
}): string[] {
  const given = {
    BRIDGE_BASE_URL: values.BRIDGE_BASE_URL !== undefined,
    BRIDGE_API_KEY: values.BRIDGE_API_KEY !== undefined,
    BRIDGE_WEBHOOK_PUBLIC_KEYS: values.BRIDGE_WEBHOOK_PUBLIC_KEYS.length > 0,
  };
  const missing = Object.entries(given).filter(([, isGiven]) => !isGiven);
  if (missing.length === Object.keys(given).length) return [];
  return missing.map(
    ([name]) => `${name} is not set; Bridge needs its address, its key and its webhooks' public keys.`,
  );
}

/** Whether the local double stands in for Amazon Cognito: in sandbox mode, when no pool and no endpoint is named. */
export function usesCognitoDouble(config: {
  USHER_MODE: string;
  IDENTITY_PROVIDER: string;
  COGNITO_ENDPOINT?: string;
  COGNITO_USER_POOL_ID?: string;
}): boolean {
  const { USHER_MODE, IDENTITY_PROVIDER, COGNITO_ENDPOINT, COGNITO_USER_POOL_ID } = config;
  const named = COGNITO_ENDPOINT !== undefined || COGNITO_USER_POOL_ID !== undefined;
  return USHER_MODE === "sandbox" && IDENTITY_PROVIDER === "cognito" && !named;
}

/** Where it listens; 8080 unless the configuration says otherwise. */
export function portOf(config: Config): number {
  return config.PORT ?? 8080;
}

/** How the world calls it; in sandbox mode the loopback name that a browser and curl on this machine reach. */
export function publicUrlOf(config: Config): string {
  return config.PUBLIC_URL ?? `http://localhost:${portOf(config)}`;
}

import type { Config } from "./config.ts";

/** Where everything is, once the process serves. */
export type Addresses = {
  /** As PUBLIC_URL. */
  publicUrl: string;
  listening: string;
  veriffDouble?: string;
  bridgeDouble?: string;
  cognitoDouble?: string;
  /** One-time log-in of the first admin, in sandbox mode. */
  adminLink?: string;
  notices: readonly string[];
};

/** Tells where everything is, for people at a terminal. */
export function printWelcome(config: Config, addresses: Addresses, version: string): void {
  const { publicUrl, veriffDouble, bridgeDouble, cognitoDouble, adminLink } = addresses;
  const places: [string, string | undefined][] = [
    ["API", publicUrl],
    ["API documentation", `${publicUrl}/docs`],
    [
      "Mailbox",
      config.USHER_MODE === "sandbox" && config.SMTP_URL === undefined ? `${publicUrl}/sandbox/mailbox` : undefined,
    ],
    ["Veriff double", veriffDouble],
    ["Bridge double", bridgeDouble],
    ["Cognito double", cognitoDouble],
    ["Admin log-in (once)", adminLink],
  ];
  const lines = places
    .filter(([, place]) => place !== undefined)
    .map(([name, place]) => `  ${name.padEnd(20)} ${place}`);
  const notices = addresses.notices.map((notice) => `  Note: ${notice}`);
  process.stdout.write(
    `\nUsher ${version} is ready (${config.USHER_MODE} mode, listening on ${addresses.listening}).\n\n${lines.join("\n")}\n${notices.join("\n")}${notices.length > 0 ? "\n" : ""}\nCtrl-C stops it.\n\n`,
  );
}

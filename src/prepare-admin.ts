import type { Config } from "./config.ts";
import { bootstrapAdmin, issueLoginLink } from "./features/identity/index.ts";
import { needsDoubles } from "./start-doubles.ts";

/** The first admin: from the configuration, or in sandbox mode one with a one-time link, whose path is given back. */
export async function prepareAdmin(
  config: Config,
  identity: Parameters<typeof bootstrapAdmin>[0] & Parameters<typeof issueLoginLink>[0],
): Promise<string | undefined> {
  if (config.BOOTSTRAP_ADMIN_EMAIL) {
    await bootstrapAdmin(identity, { email: config.BOOTSTRAP_ADMIN_EMAIL, password: config.BOOTSTRAP_ADMIN_PASSWORD });
    return undefined;
  }
  if (!needsDoubles(config)) return undefined;
  const userId = await bootstrapAdmin(identity, { email: "admin@usher.example" });
  return `/sandbox/admin#${await issueLoginLink(identity, userId)}`;
}

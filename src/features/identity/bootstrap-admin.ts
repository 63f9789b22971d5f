import { findUserByEmail, insertUser } from "../users/index.ts";
import type { IdentityDeps } from "./identity-deps.ts";
import type { ProviderAccount } from "./identity-provider.ts";
import { keepCredential } from "./keep-credential.ts";
import { requireGoodPassword } from "./password-rules.ts";
import { readEmail } from "./schemas.ts";

type BootstrapDeps = Pick<IdentityDeps, "db" | "clock" | "ids" | "journal" | "personKeys" | "provider">;

/**
 * Makes the first internal-admin, who is super-admin too, and gives the `user_id`. Safe to repeat, and from two
 * processes at once: where the address is that of an internal-admin already, nothing changes, not even the password.
 * Without a password, a log-in link or a reset is the way in.
 *
 * @throws invalid-request when the password is a bad one; Error when the address belongs to somebody who is no operator
 */
export async function bootstrapAdmin(
  deps: BootstrapDeps,
  input: { email: string; password?: string },
): Promise<string> {
  const email = readEmail(input.email);
  const existing = await findOperator(deps, email);
  if (existing) return existing;
  if (input.password !== undefined) await requireGoodPassword(input.password, email, "BOOTSTRAP_ADMIN_PASSWORD");
  const userId = deps.ids.uuid();
  const account = await deps.provider.createProvenAccount({ userId, email, password: input.password ?? null });
  try {
    await keepAdmin(deps, { userId, email, account });
    return userId;
  } catch (error) {
    // Another process was quicker: the unique index on the address let one of us win.
    const winner = await findOperator(deps, email);
    if (winner) return winner;
    throw error;
  }
}

async function keepAdmin(
  deps: BootstrapDeps,
  { userId, email, account }: { userId: string; email: string; account: ProviderAccount },
): Promise<void> {
  const rights = { status: "not_verified", role: "super-admin", type: "internal-admin" } as const;
  await deps.db.transaction().execute(async (trx) => {
    const now = deps.clock.now();
    await deps.personKeys.createKey(trx, userId);
    await insertUser(trx, {
      ...rights,
      user_id: userId,
      email,
      fname: "First",
      lname: "Admin",
      cognito_username: account.username,
      email_verified_at: now,
      created_at: now,
    });
    await keepCredential(deps, trx, { userId, account });
    await deps.journal.record(trx, {
      actor: { kind: "system", id: "bootstrap" },
      action: "user.registered",
      subject: { kind: "user", id: userId },
      changes: Object.fromEntries(Object.entries(rights).map(([field, after]) => [field, { before: null, after }])),
      personal: { changes: { email: { before: null, after: email } } },
    });
  });
}

async function findOperator(deps: Pick<IdentityDeps, "db">, email: string): Promise<string | undefined> {
  const user = await findUserByEmail(deps.db, email);
  if (user && user.type !== "internal-admin") {
    throw new Error(
      "BOOTSTRAP_ADMIN_EMAIL belongs to a user who is no internal-admin: choose another address, or have an internal-admin grant the type.",
    );
  }
  return user?.user_id;
}

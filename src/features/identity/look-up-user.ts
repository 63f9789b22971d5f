import { type Static, Type } from "typebox";
import { closed, nullable, oneOf } from "../../foundation/http/index.ts";
import { findUserByEmail, userNotFound } from "../users/index.ts";
import type { IdentityDeps } from "./identity-deps.ts";
import { findPrimaryWallets } from "./wallets/wallets.queries.ts";

/** What an agreement service learns of somebody whom it is about to invite. */
export const foundUserSchema = closed(
  {
    userId: Type.String(),
    profileComplete: Type.Boolean(),
    accountType: oneOf(["standard", "arbitrator"]),
    walletAddress: nullable(Type.String()),
    emailConfirmed: Type.Boolean({ description: "Ours: before it is true, the address may be somebody else's." }),
  },
  {
    examples: [
      {
        userId: "0199d3a1-6c1e-7b44-9a0e-3f2d1c5b7a90",
        profileComplete: true,
        accountType: "standard",
        walletAddress: "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A",
        emailConfirmed: true,
      },
    ],
  },
);

/** Finds a user by normalised e-mail address; closed accounts are not found. @throws user-not-found */
export async function lookUpUser(
  { db }: Pick<IdentityDeps, "db">,
  email: string,
): Promise<Static<typeof foundUserSchema>> {
  const user = await findUserByEmail(db, email);
  if (!user || user.status === "closed") throw userNotFound();
  const wallets = await findPrimaryWallets(db, [user.user_id]);
  return {
    userId: user.user_id,
    profileComplete: Boolean(user.fname && user.lname && user.email),
    accountType: user.account_type,
    walletAddress: wallets.get(user.user_id) ?? null,
    emailConfirmed: user.email_verified_at !== null,
  };
}

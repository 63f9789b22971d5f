import type { Pool } from "./pool.ts";
import { Refusal } from "./refusal.ts";

/** @throws InvalidPasswordException naming the rule */
export function checkPolicy({ settings }: Pool, password: string): void {
  if (password.length < settings.minimumPasswordLength) throw refuse("Password not long enough");
  if (settings.requireNumbers && !/\d/.test(password)) throw refuse("Password must have numeric characters");
}

function refuse(rule: string): Refusal {
  return new Refusal("InvalidPasswordException", `Password did not conform with policy: ${rule}`);
}

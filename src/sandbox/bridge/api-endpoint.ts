import type { WorldDeps } from "./change-customer.ts";
import type { Courier } from "./deliver-webhooks.ts";

/** What a call is answered, and what then goes out by itself. */
export type ApiAnswer = { status: number; body: unknown; after?: () => Promise<void> };

/** A call whose key and headers are fine. */
export type ApiCall = { body: unknown; params: Record<string, string>; query: Record<string, string> };

/** One endpoint of the API, as data. */
export type ApiEndpoint = {
  method: "GET" | "POST" | "PUT" | "DELETE";
  path: string;
  answer(call: ApiCall): ApiAnswer;
};

/** How the double answers where Bridge's documents leave it open; a script changes it. */
export type ApiSettings = {
  /** `a`: `{url}`, as the guide has it · `b`: `{data: {url}}`, as the reference has it. */
  tosShape: "a" | "b";
  /** Whether a customer has links of their own; without, `…/kyc_link` and `…/tos_acceptance_link` answer 404. */
  customerLinks: boolean;
};

/** What the API needs. */
export type ApiDeps = WorldDeps & {
  courier: Courier;
  settings: ApiSettings;
  allowHttpWebhooks: boolean;
};

import { readPublicKey } from "./bridge-webhook-keys.ts";
import type { Config } from "./config.ts";
import type { BridgeAccount, VeriffAccount } from "./features/kyc/index.ts";
import { createTwilioChannel, type SmsChannel, type TwilioAccount } from "./features/notifications/index.ts";
import type { Clock } from "./foundation/clock/index.ts";
import { createCallOutside } from "./foundation/outbound/index.ts";

/** Veriff, or its double. */
export function chooseVeriff(config: Config, double: VeriffDoubleAccount | undefined): VeriffAccount {
  return {
    baseUrl: config.VERIFF_BASE_URL ?? double?.url ?? "",
    apiKey: config.VERIFF_API_KEY ?? double?.apiKey ?? "",
    sharedSecret: config.VERIFF_SHARED_SECRET ?? double?.sharedSecret ?? "",
    previousSharedSecrets: config.VERIFF_PREVIOUS_SHARED_SECRET,
  };
}

type VeriffDoubleAccount = { url: string; apiKey: string; sharedSecret: string };

/** Bridge, or its double; undefined where production was given no account. */
export function chooseBridge(config: Config, double: BridgeDoubleAccount | undefined): BridgeAccount | undefined {
  const { BRIDGE_BASE_URL: baseUrl, BRIDGE_API_KEY: apiKey, BRIDGE_WEBHOOK_PUBLIC_KEYS: webhookKeys } = config;
  if (baseUrl !== undefined && apiKey !== undefined) return { baseUrl, apiKey, webhookKeys };
  return double && { baseUrl: double.url, apiKey: double.apiKey, webhookKeys: double.publicKeys.map(readPublicKey) };
}

type BridgeDoubleAccount = { url: string; apiKey: string; publicKeys: readonly string[] };

/** Twilio, or its double; undefined where production was given no account. */
export function chooseSms(
  deps: { clock: Clock },
  config: Config,
  double: TwilioAccountOfDouble,
): SmsChannel | undefined {
  const { SMS_BASE_URL, SMS_ACCOUNT_SID, SMS_AUTH_TOKEN, SMS_FROM } = config;
  const ours = SMS_ACCOUNT_SID &&
    SMS_AUTH_TOKEN &&
    SMS_FROM && {
      baseUrl: SMS_BASE_URL ?? "https://api.twilio.com",
      accountSid: SMS_ACCOUNT_SID,
      authToken: SMS_AUTH_TOKEN,
      from: SMS_FROM,
    };
  const account = ours || (double && { ...double, baseUrl: double.url });
  return account && createTwilioChannel({ ...deps, callOutside: createCallOutside() }, account);
}

type TwilioAccountOfDouble = (Omit<TwilioAccount, "baseUrl"> & { url: string }) | undefined;

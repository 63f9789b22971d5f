import type { Providers } from "./deps.ts";
import { providerNotConfigured } from "./errors.ts";
import type { KycProvider, ProviderName } from "./port.ts";

/** @throws verification-provider-not-configured (503) where this installation was given no account at it */
export function getProvider(providers: Providers, name: ProviderName): KycProvider {
  const provider = providers[name];
  if (!provider) throw providerNotConfigured();
  return provider;
}

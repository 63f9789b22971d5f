import type { CognitoIdentityProvider } from "@aws-sdk/client-cognito-identity-provider";
import { tooManyRequests, unavailable } from "../../../../foundation/errors/common.ts";
import type { Logger } from "../../../../foundation/logging/index.ts";
import { createBoundedPool } from "../bounded-pool.ts";
import { isEmulator } from "./cognito-issuer.ts";
import type { CognitoSettings } from "./cognito-settings.ts";

/**
 * One call to Cognito, by the SDK. An error whose name is in `known` is given back; every other one becomes ours.
 *
 * @throws too-many-requests when the pool's quota or our line is full, and then Cognito has done nothing; unavailable
 *   when the call failed or its answer got lost
 */
export type AskCognito = <Output, Known extends string = never>(
  call: (cognito: CognitoIdentityProvider) => Promise<Output>,
  known?: readonly Known[],
) => Promise<{ output: Output; refused?: undefined } | { output?: undefined; refused: Known; error: Error }>;

/** The default quota of sign-ins is 120 a second; 24 calls at once of 0.1 to 0.3 seconds stay below it. */
const atOnce = 24;
const waiting = 200;
const answerMilliseconds = 5000;
const connectMilliseconds = 2000;

/** Makes the connection. The SDK is loaded with the first call: whoever keeps accounts here does not pay for it. */
export function connectCognito(deps: { log: Logger }, settings: CognitoSettings): AskCognito {
  let client: Promise<CognitoIdentityProvider> | undefined;
  const line = createBoundedPool({
    atOnce,
    waiting,
    refusal: () => tooManyRequests({ detail: "Too many sign-ups and log-ins at this moment.", retryAfterSeconds: 2 }),
  });
  return async (call, known = []) => {
    client ??= loadClient(settings);
    const cognito = await client;
    try {
      return { output: await line(() => call(cognito)) };
    } catch (error) {
      const refused = known.find((name) => error instanceof Error && error.name === name);
      if (refused !== undefined) return { refused, error: error as Error };
      throw translate(deps, error);
    }
  };
}

async function loadClient({ region, endpoint }: CognitoSettings): Promise<CognitoIdentityProvider> {
  const { CognitoIdentityProvider } = await import("@aws-sdk/client-cognito-identity-provider");
  return new CognitoIdentityProvider({
    region,
    // A repeat after a lost answer would meet its own first arrival; what is safe to repeat, our jobs repeat.
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: connectMilliseconds,
      requestTimeout: answerMilliseconds,
      throwOnRequestTimeout: true,
    },
    ...(endpoint === undefined ? {} : { endpoint }),
    // Emulators look at no signature, but the SDK does not send unsigned what AWS wants signed.
    ...(endpoint !== undefined && isEmulator(endpoint)
      ? { credentials: { accessKeyId: "emulator", secretAccessKey: "emulator" } }
      : {}),
  });
}

function translate({ log }: { log: Logger }, error: unknown): Error {
  const name = error instanceof Error ? error.name : "";
  if (name === "DeclaredError") return error as Error;
  if (name === "TooManyRequestsException" || name === "ThrottlingException")
    return tooManyRequests({ detail: "The identity provider takes no more at this moment.", retryAfterSeconds: 2 });
  // Names of AWS's errors are a fixed vocabulary; its texts may quote an address and stay out.
  log.warn("a call to Amazon Cognito failed", { provider: "cognito", verdict: name.slice(0, 80) });
  return unavailable({ detail: "The identity provider does not answer now.", retryAfterSeconds: 5, cause: error });
}

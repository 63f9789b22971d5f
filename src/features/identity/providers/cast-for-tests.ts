import { createTestClock, type TestClock } from "../../../foundation/clock/index.ts";
import { type CognitoDouble, type CognitoDoubleOptions, startCognitoDouble } from "../../../sandbox/cognito/index.ts";
import { startIdentity } from "../identity-for-tests.ts";
import type { CognitoSettings } from "./cognito/index.ts";
import { startCognitoLocal } from "./cognito-local-for-tests.ts";

/** One identity provider as the contract tests meet it. */
export type Player = Awaited<ReturnType<typeof startIdentity>> & {
  /** The newest code that went to an address, by whoever mails it. */
  codeFor(email: string, purpose: "confirm-email" | "reset-password"): Promise<string>;
};

/** The embedded provider. */
export async function startEmbedded(): Promise<Player> {
  const identity = await startIdentity();
  return { ...identity, codeFor: (email) => identity.newestCode(email) };
}

/** Usher's own double of Amazon Cognito; the two share one clock. */
export async function startDouble(
  options: Partial<CognitoDoubleOptions> & { given?: Partial<CognitoSettings> } = {},
): Promise<Player & { double: CognitoDouble }> {
  const clock = createTestClock(new Date("2026-03-01T12:00:00.000Z"));
  const double = await startCognitoDouble({ host: "127.0.0.1", port: 0, clock, ...options });
  const identity = await startIdentity({ clock, cognito: { ...double, ...options.given } });
  return {
    ...identity,
    double,
    codeFor: async (email, purpose) => {
      const answer = await fetch(`${double.endpoint}/sandbox/codes?email=${encodeURIComponent(email)}`);
      const codes = (await answer.json()) as { signUp: string | null; forgotPassword: string | null };
      return (purpose === "confirm-email" ? codes.signUp : codes.forgotPassword) ?? "";
    },
    stop: async () => {
      await identity.stop();
      await double.close();
    },
  };
}

/** The emulator `cognito-local`. */
export async function startEmulator(): Promise<Player> {
  const emulator = await startCognitoLocal();
  const identity = await startIdentity({ clock: followSystemClock(), cognito: emulator.cognito });
  return {
    ...identity,
    codeFor: async () => emulator.code,
    stop: async () => {
      await identity.stop();
      await emulator.stop();
    },
  };
}

/** The emulator dates its tokens by the machine's clock. */
function followSystemClock(): TestClock {
  const ahead = createTestClock(new Date(0));
  return { ...ahead, now: () => new Date(Date.now() + ahead.now().getTime()) };
}

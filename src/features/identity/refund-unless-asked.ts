import type { IdentityDeps } from "./identity-deps.ts";
import type { Charge } from "./throttle.ts";

/** Waits for the outside pool's answer; where there is none, nothing was tried, and nothing stays counted. */
export async function refundUnlessAsked<Answer>(
  deps: Pick<IdentityDeps, "throttles">,
  charges: readonly Charge[],
  asking: Promise<Answer> | undefined,
): Promise<Answer | undefined> {
  try {
    return await asking;
  } catch (error) {
    await deps.throttles.refund(charges);
    throw error;
  }
}

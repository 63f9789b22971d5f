import { internalError } from "../../../foundation/errors/common.ts";
import type { ErrorFactory } from "../../../foundation/errors/index.ts";
import { toDeclaredError } from "../../../foundation/http/index.ts";

/**
 * Runs one step of the registration; what fails in it for no declared reason is told by the step's own code. Refusals
 * keep theirs, and a database that is away is still 503.
 */
export async function nameStep<Result>(failure: ErrorFactory, step: () => Promise<Result>): Promise<Result> {
  try {
    return await step();
  } catch (cause) {
    if (toDeclaredError(cause).declaration !== internalError.declaration) throw cause;
    throw failure({ cause });
  }
}

import { type Caller, isOperator } from "../../access/index.ts";
import { secondFactorNeeded } from "./errors.ts";

/**
 * Where operators have to have a second factor: what one may do in a log-in without is to enrol one, to look who they
 * are and to log out.
 *
 * The rule @throws second-factor-needed
 */
export function createOperatorRule({ required }: { required: boolean }): (caller: Caller) => void {
  return (caller) => {
    if (required && caller.kind === "user" && isOperator(caller) && !caller.secondFactor) throw secondFactorNeeded();
  };
}

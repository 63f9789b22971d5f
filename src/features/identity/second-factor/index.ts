export type { SecondFactorDemand } from "./demand-second-factor.ts";
export { secondFactorNeeded, secondFactorRequired } from "./errors.ts";
export { deleteAbandonedLogIns, forgetSecondFactors } from "./forget-second-factors.ts";
export { holdLogIn } from "./hold-log-in.ts";
export { type PasskeySite, passkeySiteOf } from "./passkeys.ts";
export { createOperatorRule } from "./require-second-factor.ts";
export { secondFactorRoutes } from "./routes.ts";

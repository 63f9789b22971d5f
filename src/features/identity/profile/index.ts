export { completeProfile } from "./complete-profile.ts";
export { wrongUserId } from "./errors.ts";
export { profileErrors, refuseWithoutCaller } from "./refusals.ts";
export { registeredProfileSchema, registerSchema } from "./schemas.ts";

export { type CallOutside, createCallOutside, type OutsideCall, type OutsideOutcome } from "./call-outside.ts";
export { type Breaker, type BreakerStatus, createBreaker } from "./circuit-breaker.ts";
export { isPublicAddress } from "./public-addresses.ts";
export { retryAfterSeconds } from "./retry-rules.ts";

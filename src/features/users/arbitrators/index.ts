export { registerArbitrator, withdrawVerification } from "./register-arbitrator.ts";
export { type ArbitratorsDeps, arbitratorsRoutes } from "./routes.ts";

export { accepted, created, ok } from "./answers.ts";
export type { AccessRule } from "./access-rule.ts";
export { createServer } from "./create-server.ts";
export { mountRoutes, type RouteHost } from "./mount-routes.ts";
export { serveDocsPage, serveErrorPages, serveOpenApi } from "./openapi.ts";
export { createRateLimits, type RateLimits, unlimited } from "./rate-limits.ts";
export { type Answers, type Route, type RouteRequest, routesFor } from "./route.ts";
export { closed, nullable, oneOf } from "./schemas.ts";
export { etagOf, requireMatch } from "./etag.ts";

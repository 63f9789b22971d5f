export { createMetrics, listenForMetrics, type Metrics, serveMetrics } from "./metrics.ts";
export { providerRoutes } from "./provider-routes.ts";
export { operationsRoutes } from "./routes.ts";

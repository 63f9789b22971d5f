export { createMetrics, listenForMetrics, type Metrics, serveMetrics } from "./metrics.ts";
export { operationsRoutes } from "./routes.ts";

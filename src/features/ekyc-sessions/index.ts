export { belowMinimumAge, noSessions, verificationDataMissing } from "./errors.ts";
export { getCurrentRequest, listUserSessions } from "./list-user-sessions.ts";
export { readStatus } from "./read-status.ts";
export { serveReturnPage } from "./return-page.ts";
export { createEkycRoutes } from "./routes.ts";
export { type StartSession, startSession } from "./start-session.ts";

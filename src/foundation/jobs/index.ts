export { every, type Repeated } from "./every.ts";
export { createJobs, defineJob, installJobs, type Job, type JobHandler, type Jobs } from "./jobs.ts";

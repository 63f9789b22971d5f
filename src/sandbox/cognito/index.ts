export type { Fault, FaultKind } from "./faults.ts";
export type { PoolSettings } from "./pool-settings.ts";
export { type CognitoDouble, type CognitoDoubleOptions, startCognitoDouble } from "./start-cognito-double.ts";

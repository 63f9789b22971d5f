export { cognitoIssuer, isEmulator, locatePool } from "./cognito-issuer.ts";
export { createCognitoProvider } from "./cognito-provider.ts";
export type { CognitoSettings } from "./cognito-settings.ts";

/** Which user pool, through which app client. */
export type CognitoSettings = {
  region: string;
  userPoolId: string;
  clientId: string;
  /** The app client's secret; without one the client must have none. */
  clientSecret: string | undefined;
  /** Of an emulator, or AWS's for a private network; AWS's public one when unset. */
  endpoint?: string;
  /** `iss` of the pool's tokens, where an emulator's differs from its address. */
  issuer?: string;
};

/** The settings of pool and app client that clients see or feel. */
export type PoolSettings = {
  region: string;
  /** `ENABLED` answers for unknown users as for known ones; `LEGACY` tells. */
  preventUserExistenceErrors: "ENABLED" | "LEGACY";
  /** A refresh token counts once; GetTokensFromRefreshToken gives the next. */
  refreshTokenRotation: boolean;
  minimumPasswordLength: number;
  requireNumbers: boolean;
  accessTokenSeconds: number;
  refreshTokenSeconds: number;
  /** Requests a second for each category, by the real clock; beyond it TooManyRequestsException. Unlimited when unset. */
  requestsPerSecond?: { userCreation?: number; userAuthentication?: number };
};

/** A pool as one would set it up with care. */
export const carefulSettings: PoolSettings = {
  region: "eu-west-1",
  preventUserExistenceErrors: "ENABLED",
  refreshTokenRotation: true,
  minimumPasswordLength: 8,
  requireNumbers: false,
  accessTokenSeconds: 900,
  refreshTokenSeconds: 30 * 24 * 3600,
};

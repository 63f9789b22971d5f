const daySeconds = 24 * 3600;

/** How long tokens live, in seconds. */
export const tokenLifetimes = {
  accessTokenSeconds: 900,
  /** Between the person's yes and the app's exchange. */
  codeSeconds: 60,
  /** From its last use: every refresh starts it anew. */
  refreshTokenSeconds: 30 * daySeconds,
  /** A log-in ends after this, however often it is refreshed. */
  loginSeconds: 90 * daySeconds,
  /** A log-in made with a second factor ends after so long without use (PSD2 RTS, article 4 (3) d). */
  idleSeconds: 300,
} as const;

/** Seconds that the next refresh token of a log-in may live: never beyond the log-in itself. At least 1. */
export function refreshTokenLifetime(loginAgeSeconds: number): number {
  return Math.max(1, Math.min(tokenLifetimes.refreshTokenSeconds, tokenLifetimes.loginSeconds - loginAgeSeconds));
}

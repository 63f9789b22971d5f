import { declareError } from "../../../foundation/errors/index.ts";

export const invalidRefreshToken = declareError({
  code: "invalid-refresh-token",
  status: 401,
  title: "The refresh token does not count",
  remedy:
    "Log in again. A refresh token counts once and for 30 days; using one a second time ends the whole log-in, since one of its two users is not its owner.",
});

import { declareError } from "../../foundation/errors/index.ts";

export const illegalMove = declareError({
  code: "illegal-move",
  status: 409,
  title: "The user's present state does not allow this",
  remedy: "`detail` names both states. The legal moves are drawn in `docs/lifecycle.md`.",
});

import { forbidden, invalidRequest } from "../../../foundation/errors/common.ts";
import type { UserCaller } from "../../access/index.ts";
import { actorOf } from "../../journal/index.ts";
import type { IdentityDeps } from "../identity-deps.ts";
import { answerTo, readAuthorization } from "./read-authorization.ts";

/**
 * A person lets an app act for them: gives the address, code included, that their browser goes to next. The app's
 * log-in never counts as one with a second factor, and an app cannot let another one in.
 *
 * @throws invalid-request when the app's request does not hold (any more); forbidden when the caller is an app
 */
export async function allowApp(
  deps: Pick<IdentityDeps, "db" | "journal" | "tokens" | "publicUrl">,
  input: { params: Readonly<Record<string, unknown>>; caller: UserCaller; requestId: string },
): Promise<{ redirect_to: string }> {
  const { caller } = input;
  if (caller.viaApp) throw forbidden({ detail: "Only the person allows an app, not another app for them." });
  const read = await readAuthorization(deps, input.params);
  if (read.kind !== "good") throw invalidRequest({ errors: { client_id: ["the app's request does not hold"] } });
  const { request } = read;
  return deps.db.transaction().execute(async (trx) => {
    const code = await deps.tokens.issueCode(trx, { ...request, userId: caller.userId });
    await deps.journal.record(trx, {
      actor: actorOf(caller),
      action: "user.app-allowed",
      subject: { kind: "user", id: caller.userId },
      changes: {
        client_id: { before: null, after: request.clientId },
        scope: { before: null, after: request.scope.join(" ") },
      },
      requestId: input.requestId,
    });
    return { redirect_to: answerTo({ ...request, publicUrl: deps.publicUrl }, { code }) };
  });
}

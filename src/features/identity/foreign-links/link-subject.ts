import { invalidRequest } from "../../../foundation/errors/common.ts";
import type { UserCaller } from "../../access/index.ts";
import { actorOf } from "../../journal/index.ts";
import { lockUser, userNotFound } from "../../users/index.ts";
import type { IdentityDeps } from "../identity-deps.ts";
import type { IdentityRow } from "../tables.ts";
import { linkNotFound, subjectLinked } from "./errors.ts";
import { deleteForeignLink, insertForeignLink, linkedProvider } from "./foreign-links.queries.ts";

type LinkDeps = Pick<IdentityDeps, "db" | "clock" | "ids" | "journal" | "foreignTokens">;
type Order = { userId: string; caller: UserCaller; requestId: string };

/**
 * Links a trusted issuer's subject with a user: from then on the issuer's tokens for it count as theirs.
 *
 * @throws invalid-request naming `issuer`; user-not-found; subject-already-linked
 */
export async function linkSubject(
  deps: LinkDeps,
  order: Order & { issuer: string; subject: string },
): Promise<IdentityRow> {
  const { issuer, subject } = order;
  if (!deps.foreignTokens.trusts(issuer))
    throw invalidRequest({ errors: { issuer: ["must be an issuer that TRUSTED_ISSUERS lists"] } });
  return deps.db.transaction().execute(async (trx) => {
    const user = await lockUser(trx, order.userId);
    if (user.erased_at) throw userNotFound();
    const now = deps.clock.now();
    const times = { created_at: now, updated_at: now };
    const row = { identity_id: deps.ids.uuid(), user_id: user.user_id, provider: linkedProvider, issuer, subject };
    const link = await insertForeignLink(trx, { ...row, ...times });
    if (!link) throw subjectLinked();
    await deps.journal.record(trx, {
      actor: actorOf(order.caller),
      action: "user.identity-linked",
      subject: { kind: "user", id: user.user_id },
      changes: { issuer: { before: null, after: issuer } },
      personal: { changes: { subject: { before: null, after: subject } } },
      requestId: order.requestId,
    });
    return link;
  });
}

/** Removes a link: the issuer's tokens count no more from the next request on. @throws identity-link-not-found */
export async function unlinkSubject(
  deps: Pick<LinkDeps, "db" | "journal">,
  order: Order & { identityId: string },
): Promise<void> {
  await deps.db.transaction().execute(async (trx) => {
    await lockUser(trx, order.userId);
    const link = await deleteForeignLink(trx, order.userId, order.identityId);
    if (!link) throw linkNotFound();
    await deps.journal.record(trx, {
      actor: actorOf(order.caller),
      action: "user.identity-unlinked",
      subject: { kind: "user", id: order.userId },
      changes: { issuer: { before: link.issuer, after: null } },
      personal: { changes: { subject: { before: link.subject, after: null } } },
      requestId: order.requestId,
    });
  });
}

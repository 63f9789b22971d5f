import type { Transaction } from "kysely";
import type { Clock } from "../../foundation/clock/index.ts";
import type { Database } from "../../foundation/database/index.ts";
import type { Ids } from "../../foundation/ids/index.ts";
import type { Actor, Journal } from "../journal/index.ts";
import { joinOrganisation } from "./join-organisation.ts";
import { insertOrganisation } from "./organisations.queries.ts";
import type { OrganisationRow } from "./tables.ts";

export type OrganisationDeps = { clock: Clock; ids: Ids; journal: Journal };

/** Makes an organisation, in the caller's transaction; its founder, where there is one, becomes member admin. */
export async function createOrganisation(
  deps: OrganisationDeps,
  trx: Transaction<Database>,
  input: { name: string; founder?: string; actor: Actor; requestId?: string },
): Promise<OrganisationRow> {
  const organisation = await insertOrganisation(trx, {
    org_id: deps.ids.uuid(),
    name: input.name.trim(),
    created_by: input.actor.id,
    created_at: deps.clock.now(),
  });
  await deps.journal.record(trx, {
    actor: input.actor,
    action: "organisation.created",
    subject: { kind: "organisation", id: organisation.org_id },
    changes: { name: { before: null, after: organisation.name } },
    requestId: input.requestId,
  });
  if (input.founder) {
    await joinOrganisation(deps, trx, {
      orgId: organisation.org_id,
      userId: input.founder,
      role: "admin",
      actor: input.actor,
      requestId: input.requestId,
    });
  }
  return organisation;
}

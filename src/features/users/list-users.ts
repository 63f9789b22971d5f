import type { Cursors } from "../../foundation/crypto/index.ts";
import type { Db } from "../../foundation/database/index.ts";
import { isOperator, type UserCaller, type UserRole, type UserType } from "../access/index.ts";
import { fromPcxStatus, type PcxStatus } from "../lifecycle/index.ts";
import { type PresentedUser, presentUser } from "./present-user.ts";
import { countUserRows, listUserRows, type UserFilter, type UserPlace } from "./users.queries.ts";

/** The organisations in which a person is member admin; organisations provides it. */
export type ListAdministeredOrganisations = (userId: string) => Promise<string[]>;

export type UserListQuery = {
  org_id?: string;
  status?: PcxStatus;
  role?: UserRole;
  type?: UserType;
  q?: string;
  limit: number;
  last_evaluated_key?: string;
};

export type UserList = {
  users: PresentedUser[];
  count: number;
  total: number;
  total_is_estimate: boolean;
  last_evaluated_key: string | null;
};

/** Beyond this many the total is the planner's estimate, and says so. */
const countExactlyUpTo = 10_000;

/**
 * A page of users, newest first. An org-admin sees the own organisations only: the scope comes from the caller, and
 * the cursor is bound to caller and filter.
 *
 * @throws invalid-request when the cursor was made for another list
 */
export async function listUsers(
  deps: { db: Db; cursors: Cursors; listAdministeredOrganisations: ListAdministeredOrganisations },
  caller: UserCaller,
  { limit, last_evaluated_key, ...query }: UserListQuery,
): Promise<UserList> {
  const scope = ["users", caller.userId, query];
  const after =
    last_evaluated_key === undefined
      ? undefined
      : deps.cursors.decode<UserPlace>(last_evaluated_key, scope, "last_evaluated_key");
  const filter: UserFilter = {
    ...(query.org_id ? { orgId: query.org_id } : {}),
    ...(query.status ? { statuses: fromPcxStatus(query.status) } : {}),
    ...(query.role ? { role: query.role } : {}),
    ...(query.type ? { type: query.type } : {}),
    ...(query.q ? { prefix: query.q.trim().toLowerCase() } : {}),
    ...(isOperator(caller) ? {} : { withinOrgIds: await deps.listAdministeredOrganisations(caller.userId) }),
  };
  const [rows, counted] = await Promise.all([
    listUserRows(deps.db, filter, limit + 1, after),
    countUserRows(deps.db, filter, countExactlyUpTo),
  ]);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const place: UserPlace | undefined = rows.length > limit && last ? { createdAt: last.place, id: last.id } : undefined;
  return {
    users: page.map(presentUser),
    count: page.length,
    total: counted.total,
    total_is_estimate: counted.estimated,
    last_evaluated_key: place ? deps.cursors.encode(place, scope) : null,
  };
}

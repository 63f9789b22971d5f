import { acceptTerms, changeStatus, type WorldDeps } from "./change-customer.ts";
import type { Customer, Delivery } from "./customer.ts";
import type { Courier } from "./deliver-webhooks.ts";
import { readPlay } from "./read-play.ts";
import { findScenario, scenarios } from "./scenarios.ts";

/** What came of an action: the webhooks it sent, or why it was refused. */
export type Performed = { delivered: Delivery[] } | { httpStatus: 400 | 409; problem: string };

/** Performs an action by name, for the page and the script API alike, and waits for the first try of each webhook. */
export async function performAction(
  deps: WorldDeps & { courier: Courier },
  customer: Customer,
  input: { action: string; body: unknown },
): Promise<Performed> {
  if (input.action === "scenario")
    return performScenario(deps, customer, (input.body as { name?: unknown } | null)?.name);
  const play = readPlay(input.action, input.body);
  if ("problem" in play) return { httpStatus: 400, problem: play.problem };
  if (play.kind === "resend") return resendNewest(deps, customer);
  const link = deps.store.links.list().find(({ customerId }) => customerId === customer.id);
  const bend = play.kind === "status" ? play.bend : {};
  const delivered =
    play.kind === "status"
      ? changeStatus(deps, customer, play.change)
      : acceptTerms(deps, { customer, link }).deliveries;
  await deps.courier.deliver(delivered, bend);
  return { delivered };
}

/** Plays a whole course, step by step, each with its webhooks. */
async function performScenario(
  deps: WorldDeps & { courier: Courier },
  customer: Customer,
  name: unknown,
): Promise<Performed> {
  const steps = findScenario(name);
  if (!steps) return { httpStatus: 400, problem: `name must be one of ${Object.keys(scenarios).join(", ")}` };
  const delivered: Delivery[] = [];
  for (const action of steps) {
    const performed = await performAction(deps, customer, { action, body: undefined });
    if ("problem" in performed) return performed;
    delivered.push(...performed.delivered);
  }
  return { delivered };
}

async function resendNewest(
  { store, courier }: WorldDeps & { courier: Courier },
  { id }: Customer,
): Promise<Performed> {
  const newest = store.deliveries.list().find(({ objectId }) => objectId === id);
  if (!newest) return { httpStatus: 409, problem: "Nothing was sent about this customer yet" };
  await courier.resend(newest);
  return { delivered: [newest] };
}

import type { Courier } from "./deliver-webhooks.ts";
import { listAllowedActions, playAction } from "./play-action.ts";
import { readPlay } from "./read-play.ts";
import { findScenario, scenarios } from "./scenarios.ts";
import type { Delivery, Session } from "./session.ts";

/** What came of an action: the webhooks it sent, or why it was refused. */
export type Performed = { delivered: Delivery[] } | { httpStatus: 400 | 409; problem: string };

/**
 * Performs an action by name, for the page and the script API alike, and waits for the first try of each webhook.
 * `resend` repeats the newest webhook byte for byte; `scenario` with `{"name"}` plays a whole course from where it stands.
 */
export async function performAction(
  { courier, clock }: { courier: Courier; clock: { now(): Date } },
  session: Session,
  input: { action: string; body: unknown },
): Promise<Performed> {
  if (input.action === "resend") return resendNewest(courier, session);
  if (input.action === "scenario") return performScenario({ courier, clock }, session, input.body);
  const play = readPlay(input.action, input.body);
  if ("problem" in play) return { httpStatus: 400, problem: play.problem };
  const allowed = listAllowedActions(session);
  if (!allowed.includes(play.action)) {
    const state = session.status.replaceAll("_", " ");
    return { httpStatus: 409, problem: `The session is ${state}; allowed now: ${allowed.join(", ")}, resend` };
  }
  return { delivered: await courier.deliver(session, playAction({ clock }, session, play)) };
}

/** Steps that the session has passed already are left out; the first one that is not open to it ends the course. */
async function performScenario(
  { courier, clock }: { courier: Courier; clock: { now(): Date } },
  session: Session,
  body: unknown,
): Promise<Performed> {
  const scenario = findScenario((body as { name?: string } | undefined)?.name);
  if (!scenario) return { httpStatus: 400, problem: `name must be one of ${Object.keys(scenarios).join(", ")}` };
  const delivered: Delivery[] = [];
  for (const play of scenario.plays) {
    const allowed = listAllowedActions(session);
    const isEvent = play.action === "started" || play.action === "submitted";
    if (!allowed.includes(play.action) && isEvent) continue;
    if (!allowed.includes(play.action)) {
      return { httpStatus: 409, problem: `The scenario stops at ${play.action}: the session is ${session.status}` };
    }
    delivered.push(...(await courier.deliver(session, playAction({ clock }, session, play))));
  }
  return { delivered };
}

async function resendNewest(courier: Courier, session: Session): Promise<Performed> {
  const newest = session.deliveries.at(-1);
  if (!newest) return { httpStatus: 409, problem: "The session has sent no webhook yet" };
  await courier.resend(session, newest);
  return { delivered: [newest] };
}

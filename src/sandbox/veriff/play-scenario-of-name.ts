import type { Courier } from "./deliver-webhooks.ts";
import { performAction } from "./perform-action.ts";
import { findScenario } from "./scenarios.ts";
import type { Session } from "./session.ts";

type NameDeps = {
  courier: Courier;
  clock: { now(): Date };
  findFirstName?: (vendorData: string) => Promise<string | undefined>;
};

/** Makes what follows the opening of a session: where the person's first name is a scenario's, that is played. */
export function playScenarioOfName(deps: NameDeps): (session: Session) => void {
  return (session) => {
    void play(deps, session).catch((error: unknown) => {
      process.emitWarning(`The scenario of session ${session.id} was not played: ${String(error)}`);
    });
  };
}

async function play(deps: NameDeps, session: Session): Promise<void> {
  const { vendorData, person } = session;
  const asked = person.firstName === undefined && vendorData !== null ? deps.findFirstName?.(vendorData) : undefined;
  const scenario = findScenario(person.firstName ?? (await asked));
  if (scenario) await performAction(deps, session, { action: "scenario", body: { name: scenario.name } });
}

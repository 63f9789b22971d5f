import type { Clock } from "../../../foundation/clock/index.ts";

/** The members of a record or token that hold seconds since 1970. */
const times = ["iat", "exp", "iiat", "authTime", "loginTs"] as const;

/**
 * oidc-provider reads the machine's clock (`Date.now()`), everything else of ours the clock it is given, which a test
 * may hold. Records and tokens carry our time: what the provider hands over is moved by the difference, which is 0
 * outside tests, and moved back where it is handed in again.
 */
export function fromMachineTime<Values extends Record<string, unknown>>(clock: Clock, values: Values): Values {
  return moved(values, secondsAhead(clock));
}

/** The inverse of `fromMachineTime`. */
export function toMachineTime<Values extends Record<string, unknown>>(clock: Clock, values: Values): Values {
  return moved(values, -secondsAhead(clock));
}

function secondsAhead(clock: Clock): number {
  return Math.floor(clock.now().getTime() / 1000) - Math.floor(Date.now() / 1000);
}

function moved<Values extends Record<string, unknown>>(values: Values, seconds: number): Values {
  if (seconds === 0) return values;
  const held = times.filter((name) => typeof values[name] === "number");
  return { ...values, ...Object.fromEntries(held.map((name) => [name, (values[name] as number) + seconds])) };
}

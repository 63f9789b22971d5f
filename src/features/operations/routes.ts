import { Type } from "typebox";
import type { Db } from "../../foundation/database/index.ts";
import { unavailable } from "../../foundation/errors/common.ts";
import { closed, ok, type Route } from "../../foundation/http/index.ts";
import { anyone, type Caller, route } from "../access/index.ts";
import { checkReadiness } from "./check-readiness.ts";

/** Probes of the platform around us. */
export function operationsRoutes(deps: { db: Db; version: string; isStopping(): boolean }): Route<Caller>[] {
  return [
    route({
      method: "GET",
      path: "/livez",
      summary: "Is the process alive?",
      tag: "Operations",
      access: anyone,
      budget: "probe",
      answers: { 200: closed({ status: Type.String({ examples: ["alive"] }) }) },
      handle: () => ok({ status: "alive" }),
    }),
    route({
      method: "GET",
      path: "/readyz",
      summary: "Can the process serve? Database reachable, migrations applied, not stopping",
      tag: "Operations",
      access: anyone,
      budget: "probe",
      answers: { 200: closed({ status: Type.String({ examples: ["ready"] }) }) },
      handle: async () => {
        if (deps.isStopping()) throw unavailable({ detail: "This process is stopping." });
        const { ready, missing } = await checkReadiness(deps);
        if (!ready) throw unavailable({ detail: `Not ready: ${missing.join(", ")}.` });
        return ok({ status: "ready" });
      },
    }),
    route({
      method: "GET",
      path: "/version",
      summary: "Which version is this?",
      tag: "Operations",
      access: anyone,
      budget: "probe",
      answers: {
        200: closed({
          name: Type.String({ examples: ["usher"] }),
          version: Type.String({ examples: ["0.1.0"] }),
          node: Type.String({ examples: ["v24.21.0"] }),
        }),
      },
      handle: () => ok({ name: "usher", version: deps.version, node: process.version }),
    }),
  ];
}

import { Type } from "typebox";
import { invalidRequest } from "../../foundation/errors/common.ts";
import { closed, ok, oneOf, type Route } from "../../foundation/http/index.ts";
import { anyOf, type Caller, own, permission, route } from "../access/index.ts";
import { userNotFound } from "./errors.ts";
import type { Gate } from "./read-gate.ts";
import { gateSchema } from "./schemas.ts";

const int32 = /^[1-9][0-9]{0,9}$/;
const largestInt32 = 2_147_483_647;

/** `GET /User/{id}/status` of the 10nPay document: exactly six fields. */
export function gateRoute({ gate }: { gate: Gate }): Route<Caller> {
  return route({
    method: "GET",
    path: "/User/:id/status",
    summary: "May this user proceed?",
    tag: "Status gate",
    budget: "gate",
    access: anyOf<Caller>(own("id"), permission("users.status.get")),
    params: closed({ id: Type.String({ description: "int32, 1 to 2147483647, plain digits" }) }),
    query: closed({ explain: Type.Optional(oneOf(["true", "false"])) }),
    answers: { 200: gateSchema },
    errors: [userNotFound],
    readAhead: ({ rawPath }) => {
      const id = findGateId(rawPath);
      return id === undefined ? undefined : gate.read(id);
    },
    handle: async ({ query, ahead }) => {
      if (!ahead)
        throw invalidRequest({ errors: { id: ["must be an integer from 1 to 2147483647, in plain digits"] } });
      return ok(gate.answer(await ahead, { explain: query.explain === "true" }));
    },
  });
}

/** Undefined for anything but plain digits of an int32: encoded, signed and zero-led ids included. */
function findGateId(rawPath: string): number | undefined {
  const segment = rawPath.split("/")[2] ?? "";
  const id = int32.test(segment) ? Number(segment) : Number.NaN;
  return id <= largestInt32 ? id : undefined;
}

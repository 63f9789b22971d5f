import { invalidRequest, tooManyRequests } from "../../../foundation/errors/common.ts";
import { closed, created, ok, type Route } from "../../../foundation/http/index.ts";
import { admin, anyOf, anyone, type Caller, own, route, type UserCaller } from "../../access/index.ts";
import { userNotFound, userParams } from "../../users/index.ts";
import { accountBlocked, accountClosed, accountInactive } from "../errors.ts";
import type { IdentityDeps } from "../identity-deps.ts";
import { messageSchema, tokensSchema } from "../schemas.ts";
import { sourceOf } from "../throttle.ts";
import { beginEnrolment } from "./begin-enrolment.ts";
import type { Proof } from "./check-proof.ts";
import { completeLogIn } from "./complete-log-in.ts";
import {
  invalidSecondFactor,
  noSecondFactor,
  secondFactorNeeded,
  secondFactorRefused,
  tooManyPasskeys,
} from "./errors.ts";
import { finishEnrolment } from "./finish-enrolment.ts";
import { readProof, requireOne } from "./read-proof.ts";
import { askForProof, readSecondFactors } from "./read-second-factors.ts";
import { removeOwnSecondFactor, removeSecondFactorOf } from "./remove-second-factor.ts";
import { renewRecoveryCodes } from "./renew-recovery-codes.ts";
import {
  beginEnrolmentSchema,
  completeLogInSchema,
  demandSchema,
  enrolledSchema,
  enrolmentSchema,
  factorsSchema,
  finishEnrolmentSchema,
  type RemoveBody,
  recoveryCodesSchema,
  removeSchema,
} from "./schemas.ts";

/** Second factors: enrolling, logging in with them, removing them. */
export function secondFactorRoutes(deps: IdentityDeps): Route<Caller>[] {
  const ownOrAdmin = anyOf<UserCaller>(own("user_id"), admin);
  return [
    route({
      method: "POST",
      path: "/auth/login/second-factor",
      summary: "Complete a log-in with the second factor",
      tag: "Identity",
      access: anyone,
      budget: "sensitive",
      body: completeLogInSchema,
      answers: { 200: tokensSchema },
      errors: [secondFactorRefused, accountInactive, accountBlocked, accountClosed, tooManyRequests],
      handle: async ({ body, requestId, source }) => {
        const { challenge } = body;
        return ok(
          await completeLogIn(deps, { challenge, proof: readProof(body), requestId, source: sourceOf(source) }),
        );
      },
    }),
    ...enrolmentRoutes(deps),
    route({
      method: "GET",
      path: "/users/:user_id/sca",
      summary: "Which second factors are enrolled",
      tag: "Identity",
      access: ownOrAdmin,
      enrolment: true,
      params: userParams,
      answers: { 200: factorsSchema },
      errors: [userNotFound],
      handle: async ({ params }) => ok(await readSecondFactors(deps, params.user_id)),
    }),
    route({
      method: "DELETE",
      path: "/users/:user_id/sca",
      summary: "Remove a second factor, or all of them",
      tag: "Identity",
      access: ownOrAdmin,
      budget: "sensitive",
      params: userParams,
      body: removeSchema,
      answers: { 200: messageSchema("Second factor removed") },
      errors: [invalidSecondFactor, noSecondFactor, userNotFound, tooManyRequests],
      handle: async ({ params, body, caller, requestId, source }) => {
        const which = { caller, factorId: body.factor_id, requestId };
        if (params.user_id.toLowerCase() === caller.userId) {
          const { challenge, proof } = readOwnRemoval(body);
          await removeOwnSecondFactor(deps, { ...which, challenge, proof, source: sourceOf(source) });
        } else {
          await removeSecondFactorOf(deps, { ...which, userId: params.user_id, reason: readReason(body) });
        }
        return ok({ message: "Second factor removed" });
      },
    }),
  ];
}

function enrolmentRoutes(deps: IdentityDeps): Route<Caller>[] {
  return [
    route({
      method: "POST",
      path: "/users/:user_id/sca",
      summary: "Begin to enrol a second factor",
      tag: "Identity",
      access: own("user_id"),
      enrolment: true,
      budget: "sensitive",
      params: userParams,
      body: beginEnrolmentSchema,
      answers: { 201: enrolmentSchema },
      errors: [secondFactorNeeded, tooManyPasskeys, userNotFound],
      handle: async ({ body, caller }) => created(await beginEnrolment(deps, { caller, method: body.method })),
    }),
    route({
      method: "POST",
      path: "/users/:user_id/sca/verify",
      summary: "Prove the new second factor, from when on it counts",
      tag: "Identity",
      access: own("user_id"),
      enrolment: true,
      budget: "sensitive",
      params: userParams,
      body: finishEnrolmentSchema,
      answers: { 200: enrolledSchema },
      errors: [invalidSecondFactor, secondFactorNeeded, userNotFound, tooManyRequests],
      handle: async ({ body, caller, requestId }) => {
        requireOne({ code: body.code, passkey: body.passkey });
        const proof = { ...body, ...(body.code === undefined ? {} : { code: body.code.trim() }) };
        return ok(await finishEnrolment(deps, { caller, proof: proof as never, requestId }));
      },
    }),
    route({
      method: "POST",
      path: "/users/:user_id/sca/challenge",
      summary: "Ask for a challenge, to give a fresh proof of the second factor",
      tag: "Identity",
      access: own("user_id"),
      budget: "sensitive",
      params: userParams,
      body: closed({}),
      bodyOptional: true,
      answers: { 200: demandSchema },
      errors: [noSecondFactor, userNotFound],
      handle: async ({ caller }) => ok(await askForProof(deps, caller)),
    }),
    route({
      method: "POST",
      path: "/users/:user_id/sca/recovery-codes",
      summary: "Get new recovery codes in place of the old ones, with a fresh proof of the second factor",
      tag: "Identity",
      access: own("user_id"),
      budget: "sensitive",
      params: userParams,
      body: completeLogInSchema,
      answers: { 201: recoveryCodesSchema },
      errors: [invalidSecondFactor, userNotFound, tooManyRequests],
      handle: async ({ body, caller, requestId, source }) => {
        const { challenge } = body;
        const proof = readProof(body);
        return created(
          await renewRecoveryCodes(deps, { caller, challenge, proof, requestId, source: sourceOf(source) }),
        );
      },
    }),
  ];
}

function readOwnRemoval(body: RemoveBody): { challenge: string; proof: Proof } {
  const { challenge, reason } = body;
  if (reason !== undefined) throw invalidRequest({ errors: { reason: ["is for operators who act on somebody else"] } });
  if (challenge === undefined)
    throw invalidRequest({ errors: { challenge: ["is required: ask POST /users/{user_id}/sca/challenge for one"] } });
  return { challenge, proof: readProof(body) };
}

/** An operator has no proof of somebody else's; a reason is asked for instead. */
function readReason({ reason, challenge, code, recovery_code, passkey }: RemoveBody): string {
  const proofs = Object.entries({ challenge, code, recovery_code, passkey }).filter(([, value]) => value !== undefined);
  if (proofs.length > 0)
    throw invalidRequest({
      errors: Object.fromEntries(proofs.map(([name]) => [name, ["is for the own account only"]])),
    });
  if (reason === undefined) throw invalidRequest({ errors: { reason: ["is required"] } });
  return reason;
}

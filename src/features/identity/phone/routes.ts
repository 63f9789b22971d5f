import { tooManyRequests } from "../../../foundation/errors/common.ts";
import { accepted, closed, ok, type Route } from "../../../foundation/http/index.ts";
import { type Caller, own, route } from "../../access/index.ts";
import { phoneTaken, userNotFound, userParams } from "../../users/index.ts";
import type { IdentityDeps } from "../identity-deps.ts";
import { codeSchema, messageSchema } from "../schemas.ts";
import { sourceOf } from "../throttle.ts";
import { invalidPhoneCode, phoneMissing, smsNotConfigured } from "./errors.ts";
import { sendPhoneCode } from "./send-phone-code.ts";
import { verifyPhone } from "./verify-phone.ts";

/** Confirming the phone number on the profile. */
export function phoneRoutes(deps: IdentityDeps): Route<Caller>[] {
  return [
    route({
      method: "POST",
      path: "/users/:user_id/phone/send-code",
      summary: "Send a code to the phone number on the profile",
      tag: "Identity",
      access: own("user_id"),
      budget: "sensitive",
      params: userParams,
      answers: { 202: messageSchema("A code is on its way, unless the number is confirmed already") },
      errors: [phoneMissing, smsNotConfigured, userNotFound, tooManyRequests],
      handle: async ({ caller, requestId }) => {
        await sendPhoneCode(deps, { caller, requestId });
        return accepted({ message: "A code is on its way, unless the number is confirmed already" });
      },
    }),
    route({
      method: "POST",
      path: "/users/:user_id/phone/verify",
      summary: "Confirm the phone number with the code",
      tag: "Identity",
      access: own("user_id"),
      budget: "sensitive",
      params: userParams,
      body: closed({ code: codeSchema }),
      answers: { 200: messageSchema("Phone number confirmed") },
      errors: [invalidPhoneCode, phoneTaken, userNotFound, tooManyRequests],
      handle: async ({ body, caller, requestId, source }) => {
        await verifyPhone(deps, { caller, code: body.code.trim(), requestId, source: sourceOf(source) });
        return ok({ message: "Phone number confirmed" });
      },
    }),
  ];
}

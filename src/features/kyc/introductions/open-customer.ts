import type { Once } from "../../../foundation/database/index.ts";
import { DeclaredError } from "../../../foundation/errors/index.ts";
import { getUser, type PresentedUser, presentUser } from "../../users/index.ts";
import type { Kyc } from "../create-kyc.ts";
import { IntroductionExpired, verificationDataRefused } from "../errors.ts";
import { getProvider } from "../get-provider.ts";
import type { SessionOrder } from "../open-session.ts";
import { type CustomerWishes, checkStanding, readPerson } from "./check-order.ts";
import { deleteIntroduction } from "./introductions.queries.ts";
import { rememberIntroduction } from "./remember-introduction.ts";

/** Who is to be a customer, who asks, and what they say. */
export type CustomerOrder = {
  userId: string;
  requestedBy: SessionOrder["requestedBy"];
  wishes: CustomerWishes;
  once: Once | undefined;
  requestId: string;
};

/** The customer, the page of the terms, and the person as they stand now. */
export type OpenedCustomer = { bridge_customer_id: string; tos_link: string; user: PresentedUser };

/**
 * Makes a person a customer of Bridge, or finds the customer they are, and gives the page of the terms. The introduction
 * is stored before it is sent; a refusal forgets it, so that a corrected one can follow.
 *
 * @throws invalid-request, verification-not-allowed, verification-data-refused, verification-starting,
 * verification-provider-unavailable, verification-provider-not-configured, user-not-found
 */
export async function openCustomer(kyc: Kyc, input: CustomerOrder): Promise<OpenedCustomer> {
  const provider = getProvider(kyc.providers, "bridge");
  const user = await getUser(kyc, input.userId);
  const person = readPerson(kyc, user, input.wishes);
  const callback = new URL("/ekyc/return", kyc.callbacks.publicUrl).href;
  const body = provider.introduce?.(person) ?? "";
  const order: SessionOrder = {
    userId: user.user_id,
    provider: provider.name,
    request: { callback, purpose: "required" },
    restart: false,
    requestedBy: input.requestedBy,
    once: input.once,
    requestId: input.requestId,
    check: checkStanding,
    introduce: () => rememberIntroduction(kyc, { userId: user.user_id, provider: provider.name, body }),
  };
  const forget = () => deleteIntroduction(kyc.db, user.user_id, provider.name);
  const session = await kyc.openSession(order).catch(async (error: unknown) => {
    if (!isOver(error)) throw error;
    await forget();
    if (!(error instanceof IntroductionExpired)) throw error;
    return kyc.openSession(order);
  });
  await forget();
  const customerId = session.provider_session_id;
  if (customerId === null || !provider.getTermsLink) throw new Error("A stored customer has an id and a terms page.");
  const tosLink = await provider.getTermsLink(customerId, callback);
  return { bridge_customer_id: customerId, tos_link: tosLink, user: presentUser(await getUser(kyc, user.user_id)) };
}

/** Whether the introduction will never do its work any more. */
function isOver(error: unknown): boolean {
  const refused = error instanceof DeclaredError && error.declaration === verificationDataRefused.declaration;
  return refused || error instanceof IntroductionExpired;
}

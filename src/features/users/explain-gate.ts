import type { UserStatus } from "../lifecycle/index.ts";
import type { GateAnswer } from "./read-gate.ts";
import type { GateFacts } from "./users.queries.ts";

type Step = NonNullable<GateAnswer["nextSteps"]>[number];

/** Why a user in this state may or may not proceed. */
const reasonOf: Record<UserStatus, string> = {
  pending: "The e-mail address is not confirmed yet.",
  not_verified: "The person has not been verified yet.",
  sandbox: "This is a test user and is never cleared.",
  pending_verification: "A verification is under way, or the provider asked for better documents.",
  active: "The person is verified and may proceed.",
  inactive: "An operator deactivated the user.",
  closed: "The account is closed for good.",
  rejected: "The verification ended with a refusal.",
  blocked: "The user is blocked by an operator or a provider.",
};

const confirmEmail: Step = {
  step: "confirm-email",
  endpoint: "POST /users/confirm",
  sentence: "Enter the code from the mail; POST /users/resend-code sends a new one.",
};
const verifyIdentity: Step = {
  step: "verify-identity",
  endpoint: "POST /ekyc/me/sessions",
  sentence: "Start a verification and follow its link.",
};
const finishVerification: Step = {
  step: "finish-verification",
  endpoint: "GET /ekyc/me/status",
  sentence: "Finish the verification, or wait for the provider's decision.",
};
const askOperator: Step = {
  step: "contact-support",
  endpoint: null,
  sentence: "An operator has to look at the account.",
};

/** What leads out of a state; where nothing does, nothing is listed. */
const stepsOf: Record<UserStatus, Step[]> = {
  pending: [confirmEmail],
  not_verified: [verifyIdentity],
  sandbox: [],
  pending_verification: [finishVerification],
  active: [],
  inactive: [askOperator],
  closed: [],
  rejected: [askOperator],
  blocked: [askOperator],
};

/** What a person may do besides, where the flag is not set: some flows ask for it, the status never does. */
const optionalSteps: { flag: "phone_verified" | "sca_verified" | "additional_data"; step: Step }[] = [
  {
    flag: "phone_verified",
    step: {
      step: "verify-phone",
      endpoint: "POST /users/{user_id}/phone/send-code",
      sentence: "Optional: confirm the phone number with a code.",
    },
  },
  {
    flag: "sca_verified",
    step: {
      step: "enrol-second-factor",
      endpoint: "POST /users/{user_id}/sca",
      sentence: "Optional: enrol an app or a passkey as second factor.",
    },
  },
  {
    flag: "additional_data",
    step: {
      step: "answer-questionnaire",
      endpoint: "PUT /users/{user_id}/additional-data",
      sentence: "Optional: answer the risk questionnaire.",
    },
  },
];

/** States in which a person can do something for themselves. */
const withOptions: readonly UserStatus[] = ["not_verified", "pending_verification", "sandbox", "active"];

/** Reasons and next steps beside the gate's six fields; what is optional comes last. */
export function explainGate(facts: GateFacts): Pick<GateAnswer, "reasons" | "nextSteps"> {
  const reasons = [reasonOf[facts.status] ?? "The state is not known and counts as not cleared."];
  const options = withOptions.includes(facts.status) ? optionalSteps.filter(({ flag }) => !facts[flag]) : [];
  return { reasons, nextSteps: [...(stepsOf[facts.status] ?? []), ...options.map(({ step }) => step)] };
}

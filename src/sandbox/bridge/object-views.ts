import type { Customer, KycLink } from "./customer.ts";

const iso = (milliseconds: number) => new Date(milliseconds).toISOString();

/** What an endorsement of a customer in this status is, and what of it is still open. */
function endorsement(name: string, { status, hasAcceptedTerms }: Customer) {
  const approved = status === "active";
  const revoked = status === "paused" || status === "offboarded";
  const asks = status === "not_started" || status === "incomplete" || status === "awaiting_questionnaire";
  return {
    name,
    status: approved ? "approved" : revoked ? "revoked" : "incomplete",
    additional_requirements: [],
    requirements: {
      complete: [...(hasAcceptedTerms ? ["terms_of_service_v1"] : []), "first_name", "last_name", "email_address"],
      pending: status === "under_review" ? ["government_id_document"] : [],
      missing: asks ? { all_of: [...(hasAcceptedTerms ? [] : ["terms_of_service_v1"]), "proof_of_address"] } : null,
      issues: status === "rejected" ? ["government_id_verification_failed"] : [],
    },
    unannounced_field: { since: "the sandbox double adds this on purpose" },
  };
}

/** A customer as the API answers it and events carry it. */
export function customerObject(customer: Customer): Record<string, unknown> {
  const { given, status } = customer;
  const capability = status === "active" ? "active" : status === "rejected" ? "rejected" : "pending";
  return {
    id: customer.id,
    type: given.type,
    first_name: given.first_name ?? null,
    last_name: given.last_name ?? null,
    email: given.email ?? null,
    status,
    capabilities: {
      payin_crypto: capability,
      payout_crypto: capability,
      payin_fiat: capability,
      payout_fiat: capability,
    },
    requirements_due: status === "active" ? ["external_account"] : ["id_verification"],
    future_requirements_due: [],
    rejection_reasons: customer.rejectionReasons,
    has_accepted_terms_of_service: customer.hasAcceptedTerms,
    endorsements: customer.endorsements.map((name) => endorsement(name, customer)),
    ...(given.client_reference_id === undefined ? {} : { client_reference_id: given.client_reference_id }),
    unannounced_field: null,
    created_at: iso(customer.createdAt),
    updated_at: iso(customer.updatedAt),
  };
}

/** A KYC link as the API answers it and events carry it; `approved` is a link's word for an active customer. */
export function linkObject(publicUrl: string, link: KycLink, customer: Customer | undefined): Record<string, unknown> {
  const { given } = link;
  const begun = link.tosStatus === "approved" ? "incomplete" : "not_started";
  const status = customer?.status ?? begun;
  return {
    id: link.id,
    full_name: given.full_name ?? null,
    email: given.email,
    type: given.type,
    kyc_link: `${publicUrl}/verify/${link.token}`,
    tos_link: `${publicUrl}/accept-terms-of-service?session_token=${link.token}`,
    kyc_status: status === "active" ? "approved" : status,
    rejection_reasons: customer?.rejectionReasons ?? [],
    tos_status: link.tosStatus,
    created_at: iso(link.createdAt),
    customer_id: link.customerId,
    persona_inquiry_type: "gov_id_db",
  };
}

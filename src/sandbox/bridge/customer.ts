/** Statuses of a customer, in Bridge's words. */
export const customerStatuses = [
  "not_started",
  "incomplete",
  "awaiting_questionnaire",
  "awaiting_ubo",
  "under_review",
  "active",
  "rejected",
  "paused",
  "offboarded",
] as const;

export type CustomerStatus = (typeof customerStatuses)[number];

/** Why a customer was refused. Bridge shows `reason` to everybody and `developer_reason` to integrators only. */
export type RejectionReason = { developer_reason: string; reason: string; created_at: string };

/** Fields as a client sent them. */
export type Given = Record<string, unknown>;

/** A customer of the double. Times are milliseconds since 1970. */
export type Customer = {
  id: string;
  /** In the address of the hosted page. */
  token: string;
  createdAt: number;
  /** The newest event's too: every event is newer than the one before, however still the clock stands. */
  updatedAt: number;
  /** One of {@link customerStatuses}, or a word of the future that a script asked for. */
  status: string;
  given: Given;
  hasAcceptedTerms: boolean;
  endorsements: string[];
  rejectionReasons: RejectionReason[];
  isDeleted: boolean;
};

/** A KYC link. Its customer is known once the person has begun. */
export type KycLink = {
  id: string;
  token: string;
  createdAt: number;
  updatedAt: number;
  given: Given;
  tosStatus: "pending" | "approved";
  customerId: string | null;
};

/** A registered webhook endpoint with the key pair made for it, in PEM. */
export type Endpoint = {
  id: string;
  url: string;
  status: "active" | "disabled" | "deleted";
  categories: string[];
  publicKey: string;
  privateKey: string;
  createdAt: number;
  updatedAt: number;
};

/** One try to hand over a webhook; `status` is null when no HTTP answer came. */
export type Try = { at: string; status: number | null; answer: string };

/** An event on its way to an endpoint. `body` is the same on every try; the signature is made afresh. */
export type Delivery = {
  id: string;
  endpointId: string;
  /** The customer or link that it is about. */
  objectId: string;
  kind: string;
  body: string;
  createdAt: number;
  state: "pending" | "delivered" | "failed";
  tries: Try[];
  nextTryAt: string | null;
};

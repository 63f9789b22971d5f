/** The nine states of a user: PCX's seven words and our `closed` and `blocked`. */
export const userStatuses = [
  "pending",
  "not_verified",
  "sandbox",
  "pending_verification",
  "active",
  "inactive",
  "closed",
  "rejected",
  "blocked",
] as const;

export type UserStatus = (typeof userStatuses)[number];

/** What can happen to a user. */
export const lifecycleEvents = [
  "email-confirmed",
  "verification-started",
  "verification-approved",
  "verification-declined",
  "verification-expired",
  "provider-blocked",
  "provider-unblocked",
  "document-changed",
  "set-not-verified",
  "set-pending-verification",
  "set-active",
  "set-rejected",
  "deactivated",
  "reactivated",
  "blocked",
  "unblocked",
  "made-sandbox",
  "left-sandbox",
  "closed",
] as const;

export type LifecycleEvent = (typeof lifecycleEvents)[number];

/** Who may bring an event about: the person, a KYC provider, an operator, or Usher itself. */
export type Mover = "user" | "provider" | "operator" | "system";

/** `(held before)` is the state that deactivation or blocking interrupted. */
export type Destination = UserStatus | "(held before)";

/** One legal move. */
export type Transition = readonly [from: UserStatus, event: LifecycleEvent, to: Destination, by: readonly Mover[]];

const provider = ["provider"] as const;
const operator = ["operator"] as const;
const anybody = ["user", "operator", "system"] as const;

/**
 * Every legal move, on one screen. What is not here is refused with 409. A verdict on somebody who is inactive,
 * blocked, closed or sandbox is recorded by the KYC room and moves nothing, hence no lines for it.
 */
// biome-ignore format: a table reads best aligned
export const transitions: readonly Transition[] = [
  // from                  event                       to                       by
  ["pending",              "email-confirmed",          "not_verified",          anybody],

  ["not_verified",         "verification-started",     "pending_verification",  provider],
  ["not_verified",         "verification-approved",    "active",                provider],
  ["not_verified",         "verification-declined",    "rejected",              provider],
  ["pending_verification", "verification-approved",    "active",                provider],
  ["pending_verification", "verification-declined",    "rejected",              provider],
  ["pending_verification", "verification-expired",     "not_verified",          provider],
  ["active",               "verification-declined",    "rejected",              provider],
  ["rejected",             "verification-approved",    "active",                provider],
  // One of several required providers takes its refusal back, and another has not decided or let its session expire.
  ["rejected",             "verification-started",     "pending_verification",  provider],
  ["rejected",             "verification-expired",     "not_verified",          provider],

  ["not_verified",         "provider-blocked",         "blocked",               provider],
  ["pending_verification", "provider-blocked",         "blocked",               provider],
  ["active",               "provider-blocked",         "blocked",               provider],
  ["rejected",             "provider-blocked",         "blocked",               provider],
  ["blocked",              "provider-unblocked",       "(held before)",         provider],

  ["active",               "document-changed",         "pending_verification",  operator],

  ["not_verified",         "set-pending-verification", "pending_verification",  operator],
  ["not_verified",         "set-active",               "active",                operator],
  ["not_verified",         "set-rejected",             "rejected",              operator],
  ["pending_verification", "set-not-verified",         "not_verified",          operator],
  ["pending_verification", "set-active",               "active",                operator],
  ["pending_verification", "set-rejected",             "rejected",              operator],
  ["active",               "set-pending-verification", "pending_verification",  operator],
  ["active",               "set-rejected",             "rejected",              operator],
  ["rejected",             "set-not-verified",         "not_verified",          operator],
  ["rejected",             "set-pending-verification", "pending_verification",  operator],
  ["rejected",             "set-active",               "active",                operator],

  ["pending",              "deactivated",              "inactive",              operator],
  ["active",               "deactivated",              "inactive",              operator],
  ["not_verified",         "deactivated",              "inactive",              operator],
  ["pending_verification", "deactivated",              "inactive",              operator],
  ["rejected",             "deactivated",              "inactive",              operator],
  ["inactive",             "reactivated",              "(held before)",         operator],

  ["pending",              "blocked",                  "blocked",               operator],
  ["not_verified",         "blocked",                  "blocked",               operator],
  ["pending_verification", "blocked",                  "blocked",               operator],
  ["active",               "blocked",                  "blocked",               operator],
  ["rejected",             "blocked",                  "blocked",               operator],
  ["blocked",              "unblocked",                "(held before)",         operator],

  ["not_verified",         "made-sandbox",             "sandbox",               operator],
  ["sandbox",              "left-sandbox",             "not_verified",          operator],

  ["pending",              "closed",                   "closed",                anybody],
  ["not_verified",         "closed",                   "closed",                anybody],
  ["sandbox",              "closed",                   "closed",                anybody],
  ["pending_verification", "closed",                   "closed",                anybody],
  ["active",               "closed",                   "closed",                anybody],
  ["inactive",             "closed",                   "closed",                anybody],
  ["rejected",             "closed",                   "closed",                anybody],
  ["blocked",              "closed",                   "closed",                anybody],
];

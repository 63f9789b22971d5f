/** UserRole of the PCX document. */
export type UserRole = "retail" | "freelancer" | "org-staff" | "admin" | "super-admin";

/** UserType of the PCX document. Only `internal-admin` carries platform power. */
export type UserType = "user" | "staff" | "merchant" | "org-admin" | "internal-admin";

/** A person with a valid token and a standing that lets them act, as the database says it at this moment. */
export type UserCaller = {
  kind: "user";
  /** int32, for the status gate. */
  id: number;
  /** UUID, the public id. */
  userId: string;
  role: UserRole;
  type: UserType;
  /** The log-in that the token belongs to. */
  grantId: string;
  /** Whether a second factor was proven in that log-in. */
  secondFactor: boolean;
  /** Whether an app of others holds the token, which the person let in. */
  viaApp?: true;
  /** Held at this moment and within the token's scope; an operator holds all. */
  permissions: readonly string[];
};

/** A service account with a valid token. */
export type ServiceCaller = {
  kind: "service";
  clientId: string;
  /** Held at this moment and within the token's scope. */
  permissions: readonly string[];
  /** Where persons may return to after a verification that this account started; beside the operator's origins. */
  callbackOrigins: readonly string[];
};

/** Who sends a request. */
export type Caller = UserCaller | ServiceCaller;

/** One text per caller, for budgets and remembered answers. */
export function callerKey(caller: Caller): string {
  return caller.kind === "user" ? `user ${caller.userId}` : `service ${caller.clientId}`;
}

/** Whether the caller is an operator: type `internal-admin`. */
export function isOperator(caller: Caller | undefined): boolean {
  return caller?.kind === "user" && caller.type === "internal-admin" && !caller.viaApp;
}

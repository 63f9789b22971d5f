/**
 * Who may call a route. A rule is data with a name, so that it can be listed and checked; it decides on the caller and
 * the path alone, before anything of the subject is read, so that a refusal tells nothing about existence.
 */
export type AccessRule<Caller, Granted extends Caller | undefined = Caller> = {
  /** As listed in OpenAPI and in the access matrix: "own record, or internal-admin". */
  readonly describe: string;
  /** Whether a Bearer token is read at all, may be there, or must be there. */
  readonly token: "none" | "optional" | "required";
  /** Permissions that open the route to a service account or person that holds one of them. */
  readonly permissions: readonly string[];
  /** Whether this caller may go on. Called only with a verified caller. */
  allows(caller: Caller, params: Record<string, unknown>): boolean | Promise<boolean>;
  /** Type only: the caller that a handler behind this rule receives. */
  readonly granted?: Granted;
};

import type { Static, TSchema } from "typebox";
import type { Once } from "../database/run-once.ts";
import type { DeclaredError, ErrorFactory } from "../errors/index.ts";
import type { AccessRule } from "./access-rule.ts";

/** The schema of each success status that a route answers. */
export type Answers = Record<number, TSchema>;

/** What a handler returns: one of the declared statuses with a body of its schema. */
export type AnswerOf<A extends Answers> = {
  [Status in keyof A & number]: { status: Status; body: Static<A[Status]>; headers?: Record<string, string> };
}[keyof A & number];

/** What a handler gets, checked against the route's schemas. */
export type RouteRequest<Body, Params, Query, Granted> = {
  body: Body;
  params: Params;
  query: Query;
  headers: Record<string, string | string[] | undefined>;
  /** The path exactly as it was sent, nothing decoded, without the query. */
  rawPath: string;
  caller: Granted;
  /** Repeated in every answer as `traceId` and in every journal entry. */
  requestId: string;
  /** The network address of the caller; for budgets only, never stored in clear. */
  source: string;
  /** Present where the route is `idempotent` and the caller sent an Idempotency-Key. */
  once: Once | undefined;
};

/** Which rate limit a route counts against. */
export type Budget = "general" | "gate" | "webhook" | "sensitive" | "probe";

/** A route is data: method, path, who may call, schemas, errors, and the one function that answers. */
export type RouteDefinition<
  Caller,
  Granted extends Caller | undefined,
  Body extends TSchema,
  Params extends TSchema,
  Query extends TSchema,
  A extends Answers,
> = {
  method: "GET" | "POST" | "PUT" | "DELETE";
  /** Fastify's path pattern: `/users/:user_id`. */
  path: string;
  summary: string;
  /** Where that of method and path would be another route's: `/users/webhook-kyc` and `/users/webhook/kyc`. */
  operationId?: string;
  /** The heading in the API's documentation. */
  tag: string;
  access: AccessRule<Caller, Granted>;
  body?: Body;
  /** The body reaches the handler as the exact bytes received, for provider signatures; `body` then only describes it. */
  rawBody?: true;
  /** A missing body counts as an empty object. */
  bodyOptional?: true;
  params?: Params;
  query?: Query;
  answers: A;
  errors?: readonly ErrorFactory[];
  /**
   * For routes with an optional token whose body says whether one is needed: asked before the body is checked, where no
   * caller was found. `refusal` is why the token that was sent does not count. What it gives back is thrown.
   */
  withoutCaller?(body: unknown, refusal: DeclaredError | undefined): DeclaredError | undefined;
  /** Reads Idempotency-Key; every POST that creates sets it. */
  idempotent?: true;
  budget?: Budget;
  /** Open to callers who lack something that the host asks of them first, so that they can make it good. */
  enrolment?: true;
  handle(
    request: RouteRequest<Static<Body>, Static<Params>, Static<Query>, Granted>,
  ): AnswerOf<A> | Promise<AnswerOf<A>>;
};

/** A route whose types were checked where it was defined, ready to be mounted beside others. */
export type Route<Caller> = Omit<
  // biome-ignore lint/suspicious/noExplicitAny: the one place where differently typed routes share a list
  RouteDefinition<Caller, any, any, any, any, any>,
  "handle"
> & {
  handle(request: RouteRequest<unknown, unknown, unknown, unknown>): unknown;
};

/** Binds the kind of caller, and returns the function that defines routes for it. */
export function routesFor<Caller>() {
  return <
    Granted extends Caller | undefined,
    A extends Answers,
    Body extends TSchema = TSchema,
    Params extends TSchema = TSchema,
    Query extends TSchema = TSchema,
  >(
    definition: RouteDefinition<Caller, Granted, Body, Params, Query, A>,
  ): Route<Caller> => definition as unknown as Route<Caller>;
}

import swagger from "@fastify/swagger";
import type { FastifyInstance, FastifySchema } from "fastify";
import { type TSchema, Type } from "typebox";
import * as common from "../errors/common.ts";
import type { ErrorDeclaration } from "../errors/index.ts";
import { exampleOf } from "./example-of.ts";
import type { Route } from "./route.ts";

/** The shape of every refusal; see `Problem`. */
const problemSchema = Type.Object(
  {
    type: Type.String({ description: "A page that explains the error and its remedy." }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    instance: Type.String(),
    errorCode: Type.String({ description: "Stable; branch on this." }),
    traceId: Type.String({ description: "Tell this to the operator." }),
    errors: Type.Optional(Type.Record(Type.String(), Type.Array(Type.String()), { description: "Field → sentences." })),
  },
  { $id: "Problem" },
);

/** Serves the OpenAPI 3.1 document, generated from the schemas that validate. Register before the routes. */
export async function serveOpenApi(
  app: FastifyInstance,
  options: { version: string; publicUrl: string; permissions: Record<string, string> },
): Promise<void> {
  app.addSchema(problemSchema);
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Usher",
        version: options.version,
        description:
          "Identity and KYC for fintech platforms: every user from sign-up to verified, and whether they may proceed.",
        license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      },
      servers: [{ url: options.publicUrl }],
      components: {
        securitySchemes: {
          bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
          OAuth2authorizationCode: {
            type: "oauth2",
            flows: {
              clientCredentials: { tokenUrl: `${options.publicUrl}/oidc/token`, scopes: options.permissions },
              authorizationCode: {
                authorizationUrl: `${options.publicUrl}/oidc/auth`,
                tokenUrl: `${options.publicUrl}/oidc/token`,
                scopes: options.permissions,
              },
            },
          },
        },
      },
    },
    transform: ({ schema, url, route: { config } }) => ({
      url,
      schema: config?.delegated ? { hide: true } : withExamples({ ...schema, ...config?.described }),
    }),
    refResolver: { buildLocalReference: (json, _base, _fragment, index) => String(json.$id ?? `schema-${index}`) },
  });
  app.get("/openapi.json", { config: { delegated: "openapi" }, schema: { hide: true } as never }, async () =>
    app.swagger(),
  );
}

/** Adds an example to the body and to each answer. */
function withExamples(schema: FastifySchema): FastifySchema {
  const { body, response } = schema as { body?: TSchema; response?: Record<string, TSchema> };
  const taken = body && asUnion(body);
  const shown = (part: TSchema): TSchema => {
    const example = exampleOf(part);
    return example === undefined ? part : { ...part, examples: [example] };
  };
  const answers = Object.entries(response ?? {}).map(([status, part]) => [status, status < "300" ? shown(part) : part]);
  return { ...schema, ...(taken ? { body: shown(taken) } : {}), response: Object.fromEntries(answers) };
}

/** Two closed forms told apart by a condition are, to a reader, a union of two; as a condition they fail in clearer words. */
function asUnion(schema: TSchema): TSchema {
  const { if: condition, then, else: otherwise, type: _, ...rest } = schema as TSchema & Record<string, unknown>;
  return condition && then && otherwise ? ({ ...rest, anyOf: [then, otherwise] } as TSchema) : schema;
}

/** What the document says of a request and no schema checks: headers that the route reads, and a body taken as bytes. */
export function describeRequest<Caller>(route: Route<Caller>): { headers?: TSchema; body?: TSchema } {
  const ifMatch = route.errors?.includes(common.preconditionFailed);
  const headers = {
    ...(route.idempotent ? { "Idempotency-Key": Type.Optional(Type.String({ description: onceOnly })) } : {}),
    ...(ifMatch ? { "If-Match": Type.Optional(Type.String({ description: onlyIfUnchanged })) } : {}),
  };
  return {
    ...(Object.keys(headers).length > 0 ? { headers: Type.Object(headers) } : {}),
    ...(route.rawBody && route.body ? { body: route.body } : {}),
  };
}

const onceOnly = "1 to 255 visible ASCII characters; a repeat with the same body gets the first answer for 24 hours.";
const onlyIfUnchanged = "The `ETag` of the state that the change is meant for; another one is refused with 412.";

/** What the document says of one route beyond its schemas. */
export function describeRoute<Caller>(route: Route<Caller>): Record<string, unknown> {
  return {
    tags: [route.tag],
    summary: route.summary,
    description: descriptionOf(route),
    operationId:
      route.operationId ??
      `${route.method.toLowerCase()}${route.path.replace(/[^A-Za-z0-9]+(.)?/g, (_all, next?: string) => (next ?? "").toUpperCase())}`,
    security: securityOf(route),
    response: { ...documented(route.answers), ...refusalsOf(route) },
  };
}

function descriptionOf<Caller>(route: Route<Caller>): string {
  const lines = [`Who may call: ${route.access.describe}.`];
  if (route.access.permissions.length > 0)
    lines.push(`Permission: ${route.access.permissions.map((name) => `\`${name}\``).join(", ")}.`);
  if (route.idempotent)
    lines.push("Send an `Idempotency-Key` to repeat safely: the first answer comes again for 24 hours.");
  return lines.join("\n\n");
}

function securityOf<Caller>(route: Route<Caller>): Record<string, string[]>[] {
  if (route.access.token === "none") return [];
  const schemes: Record<string, string[]>[] = [{ bearer: [] }];
  if (route.access.permissions.length > 0) schemes.push({ OAuth2authorizationCode: [...route.access.permissions] });
  return route.access.token === "optional" ? [{}, ...schemes] : schemes;
}

function documented(answers: Record<number, TSchema>): Record<number, unknown> {
  return Object.fromEntries(
    Object.entries(answers).map(([status, schema]) => [status, { description: "Success", ...schema }]),
  );
}

/** The errors a route may answer, grouped by status, each with its stable code. */
function refusalsOf<Caller>(route: Route<Caller>): Record<number, unknown> {
  const expected: ErrorDeclaration[] = [
    common.invalidRequest,
    common.tooManyRequests,
    common.internalError,
    common.unavailable,
    ...(route.method === "GET" ? [] : [common.malformedJson, common.bodyTooLarge, common.unsupportedMediaType]),
    ...(route.access.token === "none" ? [] : [common.unauthenticated, common.forbidden]),
    ...(route.idempotent ? [common.idempotencyKeyReused] : []),
    ...(route.errors ?? []),
  ].map((factory) => factory.declaration);
  const byStatus: Record<number, unknown> = {};
  for (const status of new Set(expected.map((error) => error.status))) {
    const codes = expected
      .filter((error) => error.status === status)
      .map((error) => `\`${error.code}\`: ${error.title}`);
    byStatus[status] = {
      description: codes.join("\n\n"),
      content: { "application/problem+json": { schema: { $ref: "Problem#" } } },
    };
  }
  return byStatus;
}

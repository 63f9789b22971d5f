import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

/** A JSON Schema as it stands in the document. */
export type JsonSchema = { [keyword: string]: unknown };

export type Media = Record<string, { schema: JsonSchema; example?: unknown }>;

export type Parameter = { name: string; in: "path" | "query" | "header"; required?: boolean; schema: JsonSchema };

/** One operation of the document. */
export type Operation = {
  method: string;
  /** OpenAPI's spelling: `/users/{user_id}`. */
  path: string;
  operationId: string;
  summary: string;
  description: string;
  tags: string[];
  security: Record<string, string[]>[];
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content: Media };
  responses: Record<string, { description: string; content?: Media }>;
};

export type OpenApiDocument = {
  openapi: string;
  paths: Record<string, Record<string, Omit<Operation, "method" | "path">>>;
  components: { schemas: Record<string, JsonSchema>; securitySchemes: Record<string, Record<string, unknown>> };
};

/** Every operation, in the document's order. */
export function listOperations({ paths }: OpenApiDocument): Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path })),
  );
}

/** Compiles schemas of the document (JSON Schema 2020-12), references into its components included. */
export function createSchemaCheck(document: OpenApiDocument): (schema: JsonSchema) => ValidateFunction {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true, strictRequired: false });
  addFormats.default(ajv);
  ajv.addKeyword("components");
  ajv.addSchema({ $id: "document", components: document.components } as JsonSchema, undefined, false, false);
  const compiled = new Map<JsonSchema, ValidateFunction>();
  return (schema) => {
    const known = compiled.get(schema);
    if (known) return known;
    const check = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"document#/components')));
    compiled.set(schema, check);
    return check;
  };
}

/** The parts of OpenAPI 3.1 that matter to a reader of the document, as a schema: closed where the standard is closed. */
export const documentShape: JsonSchema = {
  type: "object",
  required: ["openapi", "info", "servers", "paths", "components"],
  additionalProperties: false,
  properties: {
    openapi: { type: "string", pattern: "^3\\.1\\.\\d+$" },
    info: {
      type: "object",
      required: ["title", "version", "description", "license"],
      additionalProperties: false,
      properties: {
        title: { type: "string" },
        version: { type: "string" },
        description: { type: "string" },
        license: {
          type: "object",
          required: ["name", "identifier"],
          additionalProperties: false,
          properties: { name: {}, identifier: {} },
        },
      },
    },
    servers: {
      type: "array",
      minItems: 1,
      items: { type: "object", required: ["url"], properties: { url: { type: "string", pattern: "^https?://" } } },
    },
    components: {
      type: "object",
      additionalProperties: false,
      properties: { schemas: { type: "object" }, securitySchemes: { type: "object" } },
      propertyNames: { pattern: "^[a-zA-Z0-9._-]+$" },
    },
    paths: {
      type: "object",
      patternProperties: {
        "^/": {
          type: "object",
          propertyNames: { enum: ["get", "put", "post", "delete"] },
          additionalProperties: { $ref: "#/$defs/operation" },
        },
      },
      additionalProperties: false,
    },
  },
  $defs: {
    operation: {
      type: "object",
      required: ["operationId", "summary", "description", "tags", "security", "responses"],
      additionalProperties: false,
      properties: {
        operationId: { type: "string", pattern: "^[a-zA-Z0-9]+$" },
        summary: { type: "string", minLength: 5 },
        description: { type: "string", pattern: "^Who may call: " },
        tags: { type: "array", minItems: 1, items: { type: "string" } },
        security: {
          type: "array",
          items: { type: "object", additionalProperties: { type: "array", items: { type: "string" } } },
        },
        parameters: {
          type: "array",
          items: {
            type: "object",
            required: ["name", "in", "schema", "required"],
            additionalProperties: false,
            properties: {
              name: { type: "string" },
              in: { enum: ["path", "query", "header"] },
              required: { type: "boolean" },
              schema: { type: "object" },
              description: { type: "string" },
              example: {},
            },
          },
        },
        requestBody: {
          type: "object",
          required: ["content"],
          additionalProperties: false,
          properties: {
            required: { type: "boolean" },
            description: { type: "string" },
            content: { $ref: "#/$defs/content" },
          },
        },
        responses: {
          type: "object",
          minProperties: 2,
          patternProperties: {
            "^[2-5]\\d\\d$": {
              type: "object",
              required: ["description", "content"],
              additionalProperties: false,
              properties: {
                description: { type: "string", minLength: 3 },
                content: { $ref: "#/$defs/content" },
                headers: { type: "object" },
              },
            },
          },
          additionalProperties: false,
        },
      },
    },
    content: {
      type: "object",
      minProperties: 1,
      propertyNames: { pattern: "^[a-z]+/[a-z+.-]+$" },
      additionalProperties: {
        type: "object",
        required: ["schema"],
        additionalProperties: false,
        properties: { schema: { type: "object" }, example: {}, examples: { type: "object" } },
      },
    },
  },
};

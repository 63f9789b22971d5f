import { type Static, Type } from "typebox";
import { closed, nullable, oneOf } from "../../foundation/http/index.ts";

const text = Type.String();
const time = Type.String({ format: "date-time" });
const states = ["created", "started", "submitted", "success", "rejected", "expired"] as const;
const purposes = ["required", "optional"] as const;

/** PersonVerificationRequest as it was asked for; absent fields were not asked for. */
export const originalRequestSchema = closed({ callback: Type.Optional(text), purpose: oneOf(purposes) });

const exampleSession = {
  sessionToken: "eyJhbGciOiJIUzI1NiJ9.eyJzZXNzaW9uX2lkIjoiMTJkZjYwNDUifQ.c2lnbmF0dXJl",
  url: "https://alchemy.veriff.com/v/eyJhbGciOiJIUzI1NiJ9.eyJzZXNzaW9uX2lkIjoiMTJkZjYwNDUifQ.c2lnbmF0dXJl",
  id: "12df6045-3846-3e45-946a-14fa6136d78b",
  status: "created",
  creation_date: "2026-01-15T09:35:00.000Z",
  modified_date: "2026-01-15T09:35:00.000Z",
  original_request: { callback: "https://app.example.com/welcome", purpose: "required" },
};

/** PersonVerificationSession. Nulls are left out; `sessionToken` and `url` open the session to whoever has them. */
export const sessionSchema = closed(
  {
    sessionToken: Type.Optional(text),
    url: Type.Optional(Type.String({ description: "The page where the person does the verification." })),
    id: Type.String({ description: "The provider's session id." }),
    status: oneOf(states),
    creation_date: time,
    modified_date: time,
    original_request: originalRequestSchema,
  },
  { examples: [exampleSession] },
);

/** EkycUserSession: the user's id, and the sessions by our request id. */
export const userSessionsSchema = closed(
  { id: text, sessions: Type.Record(text, sessionSchema) },
  {
    examples: [
      {
        id: "0199d3a1-6c1e-7b44-9a0e-3f2d1c5b7a90",
        sessions: { "0199d3a9-5a5a-7c3d-9e8f-7a6b5c4d3e2f": exampleSession },
      },
    ],
  },
);

const slot = Type.Unsafe<Static<typeof sessionSchema> | null>({ anyOf: [sessionSchema, { type: "null" }] });

/** UserStatusResponse: how many sessions, the result, and for each state the newest session in it. */
export const statusSchema = closed(
  {
    timestamp: time,
    total_sessions: Type.Integer(),
    verification: Type.Unsafe<{ status: string; reason: string | null; timestamp: string } | null>({
      anyOf: [
        closed({
          status: oneOf(["started", "submitted", "success", "rejected", "expired", "abandoned"]),
          reason: nullable(text),
          timestamp: time,
        }),
        { type: "null" },
      ],
    }),
    started: slot,
    rejected: slot,
    success: slot,
    expired: slot,
    submitted: slot,
    created: slot,
  },
  {
    examples: [
      {
        timestamp: "2026-01-15T09:36:10.000Z",
        total_sessions: 1,
        verification: { status: "started", reason: null, timestamp: "2026-01-15T09:36:00.000Z" },
        started: { ...exampleSession, status: "started", modified_date: "2026-01-15T09:36:00.000Z" },
        rejected: null,
        success: null,
        expired: null,
        submitted: null,
        created: null,
      },
    ],
  },
);

/** PersonVerificationRequest, plus ours: `restart` and `purpose`. */
export const startSessionSchema = closed({
  callback: Type.Optional(
    Type.String({ maxLength: 1000, description: "Where the person's browser returns: https and a registered origin." }),
  ),
  restart: Type.Optional(Type.Boolean({ description: "Open a new session even if one is open." })),
  purpose: Type.Optional(oneOf(purposes)),
});

import type { Caller } from "../access/index.ts";

/** Who did it. `id` is the user's UUID, the service account's client id, the provider's or the job's name. */
export type Actor = { kind: "user" | "service" | "provider" | "system" | "anonymous"; id: string };

/** A field's value before and after. */
export type Change = { before: unknown; after: unknown };

/** What tells something about a person; it rests sealed with that person's key. A free-text reason counts as personal. */
export type PersonalPart = { changes?: Record<string, Change>; reason?: string | null };

/** What it was done to; for a user the UUID. */
export type Subject = { kind: "user" | "organisation" | "service" | "webhook" | "system"; id: string };

/** Something that happened, about to be recorded. */
export type NewEntry = {
  actor: Actor;
  /** On whose behalf the actor did it: an id of the same kind as the actor's. */
  onBehalfOf?: string;
  /** Dotted, in the past tense: `user.registered`. */
  action: string;
  /** Not personal: statuses, roles, flags, ids. */
  changes?: Record<string, Change>;
  requestId?: string;
} & (
  | { subject: Subject & { kind: "user" }; personal?: PersonalPart }
  | { subject: Subject /** Only a user has a key to seal it with. */; personal?: undefined }
);

/** The actor that a request's caller is. */
export function actorOf(caller: Caller | undefined): Actor {
  if (!caller) return { kind: "anonymous", id: "anonymous" };
  return caller.kind === "user" ? { kind: "user", id: caller.userId } : { kind: "service", id: caller.clientId };
}

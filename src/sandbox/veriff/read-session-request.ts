import { API_FAILURES, type ApiFailure, about } from "./api-errors.ts";
import type { GivenDocument, GivenPerson } from "./session.ts";

/** What a session is made from, checked. */
export type SessionRequest = {
  callback: string | null;
  vendorData: string | null;
  endUserId: string | null;
  person: GivenPerson;
  document: GivenDocument;
};

type Fields = Record<string, unknown>;
type Rule = (value: unknown) => boolean;

const text: Rule = (value) => typeof value === "string";
const matches =
  (pattern: RegExp): Rule =>
  (value) =>
    typeof value === "string" && pattern.test(value);
const isUuid = matches(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i);
const isBirthDate: Rule = (value) =>
  typeof value === "string" && /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(`${value}T00:00:00Z`));

const PERSON_RULES: Record<string, Rule> = {
  firstName: text,
  lastName: text,
  idNumber: text,
  phoneNumber: text,
  email: text,
  maritalStatus: text,
  dateOfBirth: isBirthDate,
  gender: matches(/^(M|MALE|F|FEMALE)$/),
  isDeceased: (value) => typeof value === "boolean",
};

const DOCUMENT_RULES: Record<string, Rule> = {
  number: matches(/^[A-Za-z0-9]+$/),
  country: matches(/^[A-Z]{2}$/),
  type: matches(/^(PASSPORT|ID_CARD|DRIVERS_LICENSE|RESIDENCE_PERMIT)$/),
};

const CONSENT_RULES: Record<string, Rule> = {
  type: matches(/^(ine|bipa|aadhaar)$/),
  approved: (value) => typeof value === "boolean",
};

const HOUR_MILLISECONDS = 3_600_000;

/**
 * Checks the body of POST /v1/sessions by the rules of Veriff's API reference. Unknown fields are let through, as there.
 * `allowHttpCallbacks` lets plain http addresses pass, which Veriff itself never does.
 */
export function readSessionRequest(
  { clock, allowHttpCallbacks }: { clock: { now(): Date }; allowHttpCallbacks: boolean },
  body: unknown,
): { request: SessionRequest } | { failure: ApiFailure } {
  if (!isFields(body)) return { failure: about(API_FAILURES.invalid, "the body must be a JSON object") };
  const fields = body.verification;
  if (fields === undefined) return { failure: about(API_FAILURES.missing, "verification") };
  if (!isFields(fields)) return { failure: about(API_FAILURES.invalid, "verification") };
  const failure =
    checkVendorData(fields.vendorData) ??
    checkCallback(fields.callback, allowHttpCallbacks) ??
    checkTimestamp(fields.timestamp, clock.now()) ??
    checkPart(fields, "person", PERSON_RULES) ??
    checkPart(fields, "document", DOCUMENT_RULES) ??
    checkPart(fields, "address", { fullAddress: text }) ??
    checkConsents(fields.consents) ??
    (fields.endUserId === undefined || isUuid(fields.endUserId) ? undefined : about(API_FAILURES.invalid, "endUserId"));
  return failure ? { failure } : { request: pick(fields) };
}

function pick(fields: Fields): SessionRequest {
  const { callback = null, vendorData = null, endUserId = null } = fields as Partial<SessionRequest>;
  const { firstName, lastName, idNumber, dateOfBirth, gender } = (fields.person ?? {}) as GivenPerson;
  const { number, type, country } = (fields.document ?? {}) as GivenDocument;
  const person = { firstName, lastName, idNumber, dateOfBirth, gender };
  return { callback, vendorData, endUserId, person, document: { number, type, country } };
}

function checkVendorData(value: unknown): ApiFailure | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "string") return API_FAILURES.vendorDataNotString;
  return value.length > 1000 ? API_FAILURES.longVendorData : undefined;
}

function checkCallback(value: unknown, allowHttp: boolean): ApiFailure | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "string" || !URL.canParse(value)) return about(API_FAILURES.invalid, "callback");
  const { protocol } = new URL(value);
  return protocol === "https:" || (allowHttp && protocol === "http:") ? undefined : API_FAILURES.insecureCallback;
}

function checkTimestamp(value: unknown, now: Date): ApiFailure | undefined {
  if (value === undefined) return undefined;
  const moment = typeof value === "string" ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(moment)) return about(API_FAILURES.invalid, "timestamp");
  return now.getTime() - moment > HOUR_MILLISECONDS ? API_FAILURES.oldTimestamp : undefined;
}

function checkPart(fields: Fields, name: string, rules: Record<string, Rule>): ApiFailure | undefined {
  const part = fields[name];
  if (part === undefined) return undefined;
  if (!isFields(part)) return about(API_FAILURES.invalid, name);
  const wrong = Object.entries(rules).find(([key, rule]) => part[key] !== undefined && !rule(part[key]));
  return wrong && about(API_FAILURES.invalid, `${name}.${wrong[0]}`);
}

function checkConsents(value: unknown): ApiFailure | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) return about(API_FAILURES.invalid, "consents");
  const good = value.every((consent) => isFields(consent) && !checkPart({ consent }, "consent", CONSENT_RULES));
  return good ? undefined : about(API_FAILURES.invalid, "consents");
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

import assert from "node:assert/strict";
import type { Answer } from "./harness.ts";

const uuid = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";

/** What a refusal is expected to say beyond its status. */
export type Expected = { status: number; code?: string; field?: string };

/** Asserts that an answer is a whole problem document (RFC 9457), as `api.md` describes it. */
export function assertProblem(answer: Answer, expected: Expected, about = ""): void {
  const { status, body, headers, text } = answer;
  const place = `${about} ${status} ${text.slice(0, 300)}`;
  assert.equal(status, expected.status, place);
  assert.match(headers.get("content-type") ?? "", /^application\/problem\+json(;|$)/, place);
  const { type, title, detail, instance, errorCode, traceId, errors, ...rest } = body;
  assert.equal(body.status, status, place);
  assert.match(errorCode, /^[a-z0-9-]{3,60}$/, place);
  assert.ok(String(type).endsWith(`/docs/errors/${errorCode}`), place);
  for (const sentence of [title, detail]) assert.ok(typeof sentence === "string" && sentence.length > 5, place);
  assert.match(traceId, new RegExp(`^${uuid}$`), place);
  assert.equal(instance, `urn:uuid:${traceId}`, place);
  assert.deepEqual(Object.keys(rest), ["status"], place);
  assert.doesNotMatch(text, /\bat .*\.(ts|js):\d|node_modules|ECONN|insert into/i, place);
  if (expected.code) assert.equal(errorCode, expected.code, place);
  if (expected.field) {
    assert.ok(errors && expected.field in errors, `${place}: \`errors\` must name ${expected.field}`);
    assert.ok(
      errors[expected.field].every((sentence: unknown) => typeof sentence === "string" && sentence.length > 3),
      place,
    );
  }
  if (status === 401) assert.match(headers.get("www-authenticate") ?? "", /^Bearer/, place);
}

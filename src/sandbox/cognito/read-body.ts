import { createHmac, timingSafeEqual } from "node:crypto";
import type { CallBody, Pool } from "./pool.ts";
import { Refusal, refusals } from "./refusal.ts";

/** A text that must be there. @throws InvalidParameterException */
export function textOf(body: CallBody, name: string): string {
  const value = body[name];
  if (typeof value === "string" && value !== "") return value;
  throw refusals.parameter(`Missing required parameter ${name}`);
}

/** A text that may be there. */
export function findText(body: CallBody, name: string): string | undefined {
  const value = body[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The object of texts under a name, such as AuthParameters. */
export function objectOf(body: CallBody, name: string): CallBody {
  const value = body[name];
  return value !== null && typeof value === "object" && !Array.isArray(value) ? (value as CallBody) : {};
}

/** The value of an attribute in a `[{Name, Value}]` list. */
export function attributeOf(body: CallBody, name: string): string | undefined {
  const list = Array.isArray(body.UserAttributes) ? (body.UserAttributes as CallBody[]) : [];
  const value = list.find((one) => one.Name === name)?.Value;
  return typeof value === "string" ? value : undefined;
}

/** The app client must be this pool's, and prove that it knows its secret. */
export function checkClient(pool: Pool, body: CallBody, proof: { username: string; secretHash: string | undefined }) {
  requireClient(pool, body);
  const { clientId, clientSecret } = pool.store.identity;
  if (proof.secretHash === undefined)
    throw new Refusal(
      "NotAuthorizedException",
      `Client ${clientId} is configured with secret but SECRET_HASH was not received`,
    );
  const right = createHmac("sha256", clientSecret).update(`${proof.username}${clientId}`).digest("base64");
  if (!equal(right, proof.secretHash))
    throw new Refusal("NotAuthorizedException", `Unable to verify secret hash for client ${clientId}`);
}

/** The app client must be this pool's, and send its secret itself: RevokeToken and GetTokensFromRefreshToken. */
export function checkClientSecret(pool: Pool, body: CallBody): void {
  requireClient(pool, body);
  if (!equal(pool.store.identity.clientSecret, findText(body, "ClientSecret") ?? ""))
    throw new Refusal("NotAuthorizedException", "Invalid client secret");
}

function requireClient(pool: Pool, body: CallBody): void {
  const given = textOf(body, "ClientId");
  if (given !== pool.store.identity.clientId)
    throw new Refusal("ResourceNotFoundException", `User pool client ${given} does not exist.`);
}

/** Admin calls name the pool. */
export function requirePool(pool: Pool, body: CallBody): void {
  const given = textOf(body, "UserPoolId");
  if (given !== pool.store.identity.userPoolId)
    throw new Refusal("ResourceNotFoundException", `User pool ${given} does not exist.`);
}

function equal(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, afterEach, before, beforeEach } from "node:test";
import { fingerprintDatabase } from "./database-content.ts";
import { type Person, password, startUsher, type TestUsher } from "./harness.ts";

/** Where bad input is sent: an operator, and a person who is admin of an organisation. */
export type Ground = { usher: TestUsher; admin: string; adminId: string; person: Person; orgId: string };

/** An endpoint that takes a body, with one that would be fine. */
export type Write = { method: string; path: string; token?: string; body: Record<string, unknown> };

/** What counts attempts, or keeps forged deliveries, by design. */
const attempts = ["public.throttles", "public.webhook_deliveries"];

/**
 * Prepares the ground before the tests of a file, and asserts after each of them that nothing was written. What it gives
 * is filled when the first test begins.
 */
export function standOnBadGround(): Ground & { writes: Write[] } {
  const ground = {} as Ground & { writes: Write[] };
  let content: Record<string, string>;
  before(async () => {
    const usher = await startUsher();
    const admin = await usher.logInAdmin();
    const adminId = (await usher.send("GET", "/auth/me", { token: admin })).body.userId;
    const person = await usher.createPerson({ org_name: "Bad Input Ltd" });
    const orgId = (await usher.send("GET", `/users/${person.userId}`, { token: admin })).body.org_id;
    Object.assign(ground, { usher, admin, adminId, person, orgId });
    ground.writes = listWrites(ground);
  });
  after(() => ground.usher.stop());
  beforeEach(async () => {
    content = await fingerprintDatabase(ground.usher.ownerUrl, attempts);
  });
  afterEach(async () => {
    const now = await fingerprintDatabase(ground.usher.ownerUrl, attempts);
    assert.deepEqual(now, content, "a refused request wrote something");
  });
  return ground;
}

/** Every endpoint that takes a body, with a body that would be fine; `token` where one is needed. */
function listWrites({ admin, adminId, person, orgId }: Ground): Write[] {
  const email = "somebody@example.com";
  const user = `/users/${person.userId}`;
  const members = `/organizations/${orgId}/members`;
  const stranger = "01900000-0000-7000-8000-000000000001";
  return [
    { method: "POST", path: "/users/register", body: { email, fname: "Ada", lname: "Okafor", password } },
    { method: "POST", path: "/users/confirm", body: { email, confirmation_code: "123456" } },
    { method: "POST", path: "/users/resend-code", body: { email } },
    { method: "POST", path: "/auth/login", body: { email, password } },
    { method: "POST", path: "/auth/login-link", body: { token: "x" } },
    { method: "POST", path: "/auth/refresh", body: { refreshToken: "x" } },
    { method: "POST", path: "/auth/forgot-password", body: { email } },
    {
      method: "POST",
      path: "/auth/reset-password",
      body: { email, confirmation_code: "123456", new_password: password },
    },
    { method: "POST", path: "/auth/logout", token: person.token, body: { refreshToken: "x" } },
    { method: "PUT", path: user, token: person.token, body: { city: "Lagos" } },
    { method: "PUT", path: `${user}/activate`, token: admin, body: { status: "active", reason: "r" } },
    { method: "PUT", path: `${user}/deactivate`, token: admin, body: { updated_by: adminId, reason: "r" } },
    { method: "PUT", path: `${user}/status`, token: admin, body: { status: "blocked", reason: "r" } },
    { method: "PUT", path: `${user}/role`, token: admin, body: { role: "freelancer", type: "user", reason: "r" } },
    { method: "POST", path: "/organizations", token: admin, body: { name: "Org", admin_user_id: stranger } },
    { method: "POST", path: members, token: admin, body: { user_id: stranger, role: "user" } },
    { method: "PUT", path: members, token: admin, body: { user_id: stranger, role: "user" } },
    { method: "DELETE", path: members, token: admin, body: { user_id: stranger } },
    {
      method: "POST",
      path: `${user}/bridge-kyc`,
      token: person.token,
      body: { email: person.email, first_name: "Ada" },
    },
    { method: "POST", path: "/ekyc/me/sessions", token: person.token, body: { callback: "https://x.example/" } },
    {
      method: "POST",
      path: "/users/register",
      token: person.token,
      body: { firstname: "Ada", lastname: "Okafor", email, accountType: "standard" },
    },
    {
      method: "POST",
      path: "/auth/nonce",
      body: {
        userAddress: `0x${"1".repeat(40)}`,
        frontSig: `0x${"1".repeat(130)}`,
        nonce: "1".repeat(32),
        backSig: `a.${"1".repeat(43)}`,
        message: "m",
      },
    },
    { method: "POST", path: "/users/lookup", token: admin, body: { email } },
    {
      method: "PUT",
      path: `/users/${stranger}/arbitrator/verification`,
      token: admin,
      body: { verification: "verified", reason: "r" },
    },
  ];
}

/** Sends bytes as they are, with a token, and gives the status line, headers and body. */
export function sendRaw(
  url: string,
  lines: string[],
  body: Buffer | string = "",
): Promise<{ status: number; text: string }> {
  const { port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), "127.0.0.1", () => {
      socket.write(`${lines.join("\r\n")}\r\n\r\n`);
      socket.write(body);
    });
    let text = "";
    socket.on("data", (chunk) => {
      text += String(chunk);
    });
    socket.on("error", reject).on("close", () => resolve({ status: Number(text.split(" ")[1]), text }));
  });
}

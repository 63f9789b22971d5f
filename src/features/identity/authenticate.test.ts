import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Reads } from "../../foundation/database/index.ts";
import { createAuthenticate } from "./authenticate.ts";
import { bootstrapAdmin } from "./bootstrap-admin.ts";
import { codeOf, startIdentity } from "./identity-for-tests.ts";

let identity: Awaited<ReturnType<typeof startIdentity>>;
before(async () => {
  identity = await startIdentity();
});
after(() => identity.stop());

test("callers of one moment are read together, and each gets their own standing", async () => {
  const { db, tokens } = identity.deps;
  const users = await Promise.all(
    ["a@example.com", "b@example.com", "c@example.com"].map((email) => identity.register(email)),
  );
  const pairs = await db.transaction().execute(async (trx) => {
    const issued = [];
    for (const user of users) issued.push(await tokens.issue(trx, { userId: user.user_id }));
    return issued;
  });
  for (const { accessToken } of pairs) await tokens.verifyAccessToken(accessToken);
  let queries = 0;
  const counted: Reads = {
    ...identity.reads,
    kept: (find, shelf) =>
      identity.reads.kept((reads, keys) => {
        queries += 1;
        return find(reads, keys);
      }, shelf),
  };
  const authenticate = createAuthenticate({ ...identity.deps, reads: counted });
  const callers = await Promise.all(
    Array.from({ length: 60 }, (_, index) => authenticate(pairs[index % 3]?.accessToken ?? "")),
  );
  assert.deepEqual(
    callers.slice(0, 3).map((caller) => caller.kind === "user" && caller.id),
    users.map(({ id }) => id),
  );
  assert.equal(queries, 2, "one for their standings, one for their log-ins");
});

test("rights are the database's present answer, not the token's", async () => {
  const { db, tokens } = identity.deps;
  const userId = await bootstrapAdmin(identity.deps, { email: "root@example.com", password: "tall giraffes rule" });
  const { accessToken } = await db.transaction().execute((trx) => tokens.issue(trx, { userId }));
  assert.equal((await identity.authenticate(accessToken)).type, "internal-admin");
  await db.updateTable("users").set({ type: "user", role: "retail" }).where("user_id", "=", userId).execute();
  assert.equal((await identity.authenticate(accessToken)).type, "user");
});

test("a token that expired, was altered or is none at all is no token", async () => {
  const { db, tokens } = identity.deps;
  const { user_id: userId } = await identity.register("d@example.com");
  const { accessToken } = await db.transaction().execute((trx) => tokens.issue(trx, { userId }));
  assert.equal(await codeOf(identity.authenticate("none")), "unauthenticated");
  assert.equal(await codeOf(identity.authenticate(`${accessToken.slice(0, -6)}AAAAAA`)), "unauthenticated");
  identity.clock.advanceSeconds(901);
  assert.equal(await codeOf(identity.authenticate(accessToken)), "unauthenticated");
});

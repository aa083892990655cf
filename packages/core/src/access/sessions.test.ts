import { afterEach, beforeEach, expect, test } from "vitest";
import { noteUse } from "./identity.ts";
import { createSignInLink, endSession, identifySession, redeemSignInLink, startSession } from "./sessions.ts";
import type { TestPool } from "./test-pool.ts";
import { openTestPool } from "./test-pool.ts";
import { createUser, hasCredentials, listUsers } from "./users.ts";

let pool: TestPool;
beforeEach(async () => {
  pool = await openTestPool();
  await createUser(pool.storage, {
    id: pool.newId(),
    name: "ana",
    role: "viewer",
    password: "four beds of broad beans",
    actor: "user:root",
    nowMs: pool.clock.nowMs(),
  });
});
afterEach(() => pool.end());

const HOUR_MS = 3_600_000;
const options = () => ({ newId: () => pool.newId(), nowMs: pool.clock.nowMs(), agent: "Firefox" });
const identify = (token: string) => identifySession(pool.storage, token, pool.clock.nowMs());

test("a session is found by its token, of which only a hash is stored", async () => {
  const { token, id } = await startSession(pool.storage, "ana", options());
  expect(await identify(token)).toMatchObject({ kind: "session", id, actor: "user:ana", isUseDue: false });
  const rows = await pool.storage.read(({ queries }) => queries.selectFrom("session").selectAll().execute());
  expect(JSON.stringify(rows)).not.toContain(token);
  await expect(identify(`${token}A`)).rejects.toMatchObject({ code: "auth/invalid" });
});

test("a session slides with use, ends after twelve hours without, and after two weeks in any case", async () => {
  const { token } = await startSession(pool.storage, "ana", options());
  const idle = await startSession(pool.storage, "ana", options());
  let hours = 0;
  for (; hours < 14 * 24 - 11; hours += 11) {
    pool.clock.forward(11 * HOUR_MS);
    const identity = await identify(token);
    expect(identity.isUseDue).toBe(true);
    await noteUse(pool.storage, identity, pool.clock.nowMs());
    if (hours === 11) await expect(identify(idle.token)).rejects.toMatchObject({ code: "auth/invalid" });
  }
  expect(hours).toBeGreaterThan(13 * 24);
  pool.clock.forward((14 * 24 - hours) * HOUR_MS);
  await expect(identify(token)).rejects.toMatchObject({ code: "auth/invalid" });
});

test("who signs out is out, the others stay", async () => {
  const [one, two] = [await startSession(pool.storage, "ana", options()), await startSession(pool.storage, "ana", options())];
  await endSession(pool.storage, one.id);
  await expect(identify(one.token)).rejects.toMatchObject({ code: "auth/invalid" });
  expect(await identify(two.token)).toMatchObject({ actor: "user:ana" });
});

test("a sign-in link lets its user in once, as an administrator where there was no such user", async () => {
  const { token } = await createSignInLink(pool.storage, { ...options(), user: "Root" });
  await expect(identify(token)).rejects.toMatchObject({ code: "auth/invalid" });
  const redeem = () => redeemSignInLink(pool.storage, token, options());
  const results = await Promise.allSettled([redeem(), redeem(), redeem()]);
  const started = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  expect(started).toHaveLength(1);
  expect(await identify(started[0]?.token ?? "")).toMatchObject({
    actor: "user:root",
    scopes: expect.toSatisfy((held) => held.size === 5),
  });
  expect((await listUsers(pool.storage)).map(({ name, role, hasPassword }) => [name, role, hasPassword])).toEqual([
    ["ana", "viewer", true],
    ["root", "admin", false],
  ]);
});

test("a sign-in link keeps the role of a user who is there, and is worth nothing after 15 minutes", async () => {
  const { token } = await createSignInLink(pool.storage, { ...options(), user: "ana" });
  const late = await createSignInLink(pool.storage, { ...options(), user: "ana" });
  const started = await redeemSignInLink(pool.storage, token, options());
  expect((await identify(started.token)).scopes).toEqual(new Set(["training_data:read"]));
  pool.clock.forward(15 * 60_000);
  await expect(redeemSignInLink(pool.storage, late.token, options())).rejects.toMatchObject({ code: "auth/invalid" });
});

test("a link alone, or the user it made, closes no door", async () => {
  const empty = await openTestPool();
  try {
    const { token } = await createSignInLink(empty.storage, { ...options(), user: "root" });
    await redeemSignInLink(empty.storage, token, options());
    expect(await hasCredentials(empty.storage)).toBe(false);
  } finally {
    await empty.end();
  }
});

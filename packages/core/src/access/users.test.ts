import { afterEach, beforeEach, expect, test } from "vitest";
import { createKey, revokeKey } from "./keys.ts";
import { identifySession, startSession } from "./sessions.ts";
import type { TestPool } from "./test-pool.ts";
import { openTestPool } from "./test-pool.ts";
import { accessName, createUser, hasCredentials, listUsers, removeUser, setPassword, updateUser } from "./users.ts";

let pool: TestPool;
beforeEach(async () => {
  pool = await openTestPool();
});
afterEach(() => pool.end());

const password = "four beds of broad beans";
const nowMs = (): number => pool.clock.nowMs();
const make = (name: string) =>
  createUser(pool.storage, { id: pool.newId(), name, role: "reviewer", password, actor: "user:root", nowMs: nowMs() });
const session = (name: string) => startSession(pool.storage, name, { newId: () => pool.newId(), nowMs: nowMs() });
const identify = (token: string) => identifySession(pool.storage, token, nowMs());

test("a user is listed without a password, and a name is taken once", async () => {
  expect(await make("ana")).toMatchObject({ name: "ana", role: "reviewer", hasPassword: true, createdBy: "user:root" });
  await expect(make("ana")).rejects.toMatchObject({ code: "auth/exists" });
  expect(JSON.stringify(await listUsers(pool.storage))).not.toMatch(/argon|password":"/);
});

test("names are lower case and of plain signs", () => {
  expect(accessName.parse(" Ana@Example.org ")).toBe("ana@example.org");
  for (const name of ["", "-ana", "a b", "an\na", "аna", "a".repeat(65)]) expect(accessName.safeParse(name).success).toBe(false);
});

test("another role holds for the session that is open", async () => {
  await make("ana");
  const { token } = await session("ana");
  expect((await identify(token)).scopes).toEqual(new Set(["training_data:read", "training_data:review"]));
  await updateUser(pool.storage, { user: "ana", role: "viewer", datasets: ["garden"], nowMs: nowMs() });
  expect(await identify(token)).toMatchObject({ scopes: new Set(["training_data:read"]), datasets: new Set(["garden"]) });
  expect(await updateUser(pool.storage, { user: "ana", datasets: "all", nowMs: nowMs() })).toMatchObject({ role: "viewer" });
  expect((await identify(token)).datasets).toBeUndefined();
});

test("who is removed is out at once, and their name may be used by another, who has no session of theirs", async () => {
  const { id } = await make("ana");
  const { token } = await session("ana");
  await removeUser(pool.storage, { user: "ana", nowMs: nowMs() });
  await expect(identify(token)).rejects.toMatchObject({ code: "auth/invalid" });
  await expect(session("ana")).rejects.toMatchObject({ code: "auth/not-found" });
  expect((await make("ana")).id).not.toBe(id);
  await expect(identify(token)).rejects.toMatchObject({ code: "auth/invalid" });
});

test("a new password ends all sessions but the one that set it", async () => {
  await make("ana");
  const [one, two] = [await session("ana"), await session("ana")];
  await setPassword(pool.storage, { user: "ana", password: "a dozen rows of peas", keepSession: one.id, nowMs: nowMs() });
  expect(await identify(one.token)).toMatchObject({ actor: "user:ana" });
  await expect(identify(two.token)).rejects.toMatchObject({ code: "auth/invalid" });
  await expect(setPassword(pool.storage, { user: "ana", password: "short", nowMs: nowMs() })).rejects.toMatchObject({
    code: "auth/weak-password",
  });
});

test("an unknown user's refusal names the nearest", async () => {
  await make("anabell");
  await expect(removeUser(pool.storage, { user: "anabel", nowMs: nowMs() })).rejects.toMatchObject({
    code: "auth/not-found",
    message: expect.stringContaining("anabell"),
  });
});

test("once there was a key or a user with a password, the door stays closed, also when they are gone", async () => {
  expect(await hasCredentials(pool.storage)).toBe(false);
  const another = await openTestPool();
  try {
    const key = { id: pool.newId(), name: "ci", scopes: ["training_data:read"], actor: "user:ana", nowMs: nowMs() } as const;
    await createKey(another.storage, key);
    await revokeKey(another.storage, { key: "ci", actor: "user:ana", nowMs: nowMs() });
    expect(await hasCredentials(another.storage)).toBe(true);
  } finally {
    await another.end();
  }
  await make("ana");
  await removeUser(pool.storage, { user: "ana", nowMs: nowMs() });
  expect(await hasCredentials(pool.storage)).toBe(true);
});

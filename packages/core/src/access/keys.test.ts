import { afterEach, beforeEach, expect, test } from "vitest";
import { createDataset } from "../dataset/datasets.ts";
import { noteUse } from "./identity.ts";
import { createKey, identifyKey, listKeys, revokeKey } from "./keys.ts";
import type { TestPool } from "./test-pool.ts";
import { openTestPool } from "./test-pool.ts";

let pool: TestPool;
beforeEach(async () => {
  pool = await openTestPool();
});
afterEach(() => pool.end());

const make = (more: Partial<Parameters<typeof createKey>[1]> = {}) =>
  createKey(pool.storage, {
    id: pool.newId(),
    name: "ci",
    scopes: ["training_data:write", "training_data:read"],
    actor: "user:ana",
    nowMs: pool.clock.nowMs(),
    ...more,
  });
const identify = (key: string) => identifyKey(pool.storage, key, pool.clock.nowMs());

test("a key has 256 random bits, is whole only once, and the pool does not hold it", async () => {
  const { key, ...summary } = await make();
  expect(key).toMatch(/^tilth_[0-9a-z]{8}_[\w-]{43}$/);
  expect(Buffer.from(key.slice(15), "base64url")).toHaveLength(32);
  expect(summary).toMatchObject({ name: "ci", prefix: key.slice(0, 14), scopes: ["training_data:read", "training_data:write"] });
  expect(await listKeys(pool.storage)).toEqual([summary]);
  await pool.storage.read(async ({ queries }) => {
    const [row] = await queries.selectFrom("api_key").selectAll().execute();
    const stored = Object.values(row ?? {}).map((value) =>
      value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : String(value),
    );
    expect(stored.filter((value) => value.includes(key.slice(15)) || value.includes(key))).toEqual([]);
  });
});

test("a key stands for its name, its scopes and its datasets", async () => {
  const { key } = await make();
  expect(await identify(key)).toMatchObject({
    kind: "key",
    actor: "key:ci",
    scopes: new Set(["training_data:read", "training_data:write"]),
  });
  expect((await identify(key)).datasets).toBeUndefined();
});

test("a key is refused when a sign of it differs, when it is cut, revoked or too old", async () => {
  const { key } = await make({ expiresAtMs: pool.clock.nowMs() + 1_000 });
  const last = key.at(-1) === "A" ? "Q" : "A";
  for (const wrong of [
    `${key.slice(0, -1)}${last}`,
    key.slice(0, -1),
    `${key}A`,
    "",
    "tilth_",
    key.toUpperCase(),
    `tilth_00000000_${key.slice(15)}`,
  ])
    await expect(identify(wrong)).rejects.toMatchObject({ code: "auth/invalid", details: { reason: "nobody was given it" } });
  expect(await identify(key)).toMatchObject({ actor: "key:ci" });
  pool.clock.forward(1_000);
  await expect(identify(key)).rejects.toMatchObject({ code: "auth/invalid", message: expect.stringContaining("expired") });
  const other = await make({ name: "other" });
  await revokeKey(pool.storage, { key: "other", actor: "user:ana", nowMs: pool.clock.nowMs() });
  await expect(identify(other.key)).rejects.toMatchObject({ code: "auth/invalid", message: expect.stringContaining("revoked") });
  await expect(make({ name: "late", expiresAtMs: pool.clock.nowMs() })).rejects.toMatchObject({ code: "input/invalid" });
});

test("a living key's name is taken; a revoked one's is free again", async () => {
  await make();
  await expect(make()).rejects.toMatchObject({ code: "auth/exists" });
  expect(await revokeKey(pool.storage, { key: "ci", actor: "user:ben", nowMs: pool.clock.nowMs() })).toMatchObject({
    revokedBy: "user:ben",
  });
  await make();
  expect((await listKeys(pool.storage)).map(({ name, revokedBy }) => [name, revokedBy])).toEqual([
    ["ci", undefined],
    ["ci", "user:ben"],
  ]);
});

test("revoking takes a name, a prefix or the whole key, and never repeats a key in its refusal", async () => {
  const [one, two] = [await make({ name: "one" }), await make({ name: "two" })];
  const end = (key: string) => revokeKey(pool.storage, { key, actor: "user:ana", nowMs: pool.clock.nowMs() });
  expect(await end(one.prefix)).toMatchObject({ name: "one" });
  expect(await end(two.key)).toMatchObject({ name: "two" });
  await expect(end(two.key)).rejects.toMatchObject({ code: "auth/not-found", message: expect.not.stringContaining(two.key.slice(15)) });
  await make({ name: "three" });
  await expect(end("thre")).rejects.toMatchObject({ message: expect.stringContaining("three") });
});

test("the last use is due once a minute", async () => {
  const { key } = await make();
  const first = await identify(key);
  expect(first.isUseDue).toBe(true);
  await noteUse(pool.storage, first, pool.clock.nowMs());
  pool.clock.forward(59_999);
  expect((await identify(key)).isUseDue).toBe(false);
  pool.clock.forward(1);
  expect((await identify(key)).isUseDue).toBe(true);
  expect((await listKeys(pool.storage))[0]?.usedAt).toBe("2026-01-02T12:00:00.000Z");
});

test("a limited key is led by its dataset's name too, unless that name is another dataset's id", async () => {
  const dataset = (name: string) => createDataset(pool.storage, { name, actor: "user:ana", clock: pool.clock });
  const garden = await dataset("Garden chats");
  const { key } = await make({ datasets: [garden.id] });
  expect((await identify(key)).datasets).toEqual(new Set(["garden-chats", "Garden chats"]));

  expect([(await dataset("Posts")).id, (await dataset("posts")).id]).toEqual(["posts", "posts-2"]);
  const second = await make({ name: "second", datasets: ["posts-2"] });
  expect((await identify(second.key)).datasets).toEqual(new Set(["posts-2"]));
  const none = await make({ name: "none", datasets: [] });
  expect((await identify(none.key)).datasets).toEqual(new Set());
});

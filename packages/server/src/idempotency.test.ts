import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Claim, KeptAnswer } from "./idempotency.ts";
import { openKeys } from "./idempotency.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tilth-keys-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const limits = { count: 3, ageMs: 1_000 };
const answer: KeptAnswer = { status: 200, text: "{}", headers: { etag: '"1"' } };
const claim = (key: string, over: Partial<Claim> = {}): Claim => ({
  actor: "user:ana",
  key,
  fingerprint: () => Promise.resolve("same"),
  repeatable: false,
  ...over,
});

test("does the work of a key once, also after a restart", async () => {
  let times = 0;
  const work = async (): Promise<KeptAnswer> => ({ ...answer, text: `{"times":${++times}}` });
  const first = await openKeys(folder, limits).once(claim("a"), work);
  const again = await openKeys(folder, limits).once(claim("a"), work);
  expect([first, again]).toEqual([
    { ...answer, text: '{"times":1}', isReplayed: false },
    { ...answer, text: '{"times":1}', isReplayed: true },
  ]);
});

test("another request under the same key is refused, another caller's key is another key", async () => {
  const keys = openKeys(folder, limits);
  await keys.once(claim("a"), () => Promise.resolve(answer));
  const other = claim("a", { fingerprint: () => Promise.resolve("other") });
  await expect(keys.once(other, () => Promise.resolve(answer))).rejects.toMatchObject({ code: "request/key-reused" });
  expect(await keys.once({ ...other, actor: "user:ben" }, () => Promise.resolve(answer))).toMatchObject({ isReplayed: false });
});

test("while a key is worked on, the same request waits its turn", async () => {
  const keys = openKeys(folder, limits);
  const gate = Promise.withResolvers<KeptAnswer>();
  const first = keys.once(claim("a"), () => gate.promise);
  await expect(keys.once(claim("a"), () => Promise.resolve(answer))).rejects.toMatchObject({ code: "request/key-busy" });
  gate.resolve(answer);
  expect(await first).toMatchObject({ isReplayed: false });
});

test("what failed is forgotten, so that it can be tried again", async () => {
  const keys = openKeys(folder, limits);
  await expect(keys.once(claim("a"), () => Promise.reject(new Error("full")))).rejects.toThrow("full");
  expect(await readdir(folder)).toEqual([]);
  expect(await keys.once(claim("a"), () => Promise.resolve(answer))).toMatchObject({ isReplayed: false });
});

test("where the server died while it worked, nobody knows: only what may be repeated is", async () => {
  const dying = openKeys(folder, limits);
  void dying.once(claim("a"), () => new Promise(() => undefined));
  await expect.poll(async () => (await readdir(folder)).filter((name) => name.endsWith(".json"))).toHaveLength(1);
  const next = openKeys(folder, limits);
  await expect(next.once(claim("a"), () => Promise.resolve(answer))).rejects.toMatchObject({ code: "request/outcome-unknown" });
  expect(await next.once(claim("a", { repeatable: true }), () => Promise.resolve(answer))).toMatchObject({ isReplayed: false });
});

test("an entry whose end a power cut took is as unknown", async () => {
  const keys = openKeys(folder, limits);
  await keys.once(claim("a"), () => Promise.resolve(answer));
  const [name = ""] = await readdir(folder);
  await writeFile(join(folder, name), '{"answer":{"sta');
  await expect(keys.once(claim("a"), () => Promise.resolve(answer))).rejects.toMatchObject({ code: "request/outcome-unknown" });
});

test("forgets a key after its time and takes no more than it can keep", async () => {
  let nowMs = Date.now();
  const keys = openKeys(folder, limits, () => nowMs);
  for (const key of ["a", "b", "c"]) await keys.once(claim(key), () => Promise.resolve(answer));
  await expect(keys.once(claim("d"), () => Promise.resolve(answer))).rejects.toMatchObject({ code: "request/overloaded" });
  nowMs += 5_000;
  await keys.sweep();
  expect(await readdir(folder)).toEqual([]);
  expect(await keys.once(claim("a"), () => Promise.resolve(answer))).toMatchObject({ isReplayed: false });
});

import { afterEach, beforeEach, expect, test } from "vitest";
import { commitVersion } from "./commit.ts";
import { createDataset } from "./datasets.ts";
import { readChunks, readManifest, readRecipe } from "./manifest.ts";
import { listVersions } from "./refs.ts";
import { readVersion } from "./read-version.ts";
import { rowToExample } from "../schema/row.ts";
import type { Bench } from "./contract.ts";
import { addExamples, exampleId, exampleRow, openBench } from "./contract.ts";
import { verifyVersions } from "./verify.ts";

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

const range = (from: number, to: number): readonly number[] => Array.from({ length: to - from }, (_, i) => from + i);
const edit = (number: number, set: Parameters<Bench["storage"]["change"]>[0][number]["set"]) =>
  bench.storage.change([{ id: exampleId(number), set }], { actor: "user:test", atMs: 1_800_000_000_000, op: "edit" });
const objectsThere = async (): Promise<number> => (await Array.fromAsync(bench.objects.list("objects/"))).length;

test("the first version is 1.0 and says where its rows came from", async () => {
  await addExamples(bench.storage, range(0, 100));
  const { created, entry, manifest, listed } = await commitVersion({ ...bench.commit, dataset: "d" });
  expect({ created, listed, label: entry.label, op: entry.op, rows: manifest.rows }).toEqual({
    created: true,
    listed: true,
    label: "1.0",
    op: "create",
    rows: 100,
  });
  expect(manifest.stats).toMatchObject({ added: 100, changed: 0, removed: 0, bytes: manifest.stats.addedBytes });
  expect(manifest.provenance).toMatchObject({ by: "user:test", tool: "tilth/0.0.0", pool: { store: bench.storage.id, fromSeq: 0 } });
  expect(manifest.split).toMatchObject({ salt: "d", ratios: { train: 0.9, validation: 0.05, test: 0.05 }, toTrain: [] });
  expect(await readRecipe(bench.objects, manifest.provenance.recipe)).toEqual({ format: 1, from: "pool" });
  expect(await readManifest(bench.objects, entry.manifest)).toEqual(manifest);
});

test("nothing changed makes no version and no object", async () => {
  await addExamples(bench.storage, range(0, 100));
  const first = await commitVersion({ ...bench.commit, dataset: "d" });
  const before = await objectsThere();
  const again = await commitVersion({ ...bench.commit, dataset: "d", message: "another message" });
  expect(again).toMatchObject({ created: false, entry: first.entry });
  expect(await objectsThere()).toBe(before);
});

test("one edited row rewrites one chunk", async () => {
  await addExamples(bench.storage, range(0, 300));
  const first = await commitVersion({ ...bench.commit, dataset: "d" });
  await edit(150, { feedback: "better" });
  const second = await commitVersion({ ...bench.commit, dataset: "d" });
  const [before, after] = [await readChunks(bench.objects, first.manifest), await readChunks(bench.objects, second.manifest)];
  const fresh = after.filter((chunk) => !before.some((other) => other.object === chunk.object));
  expect(before.length).toBeGreaterThan(8);
  expect(fresh).toHaveLength(1);
  expect(second.manifest.stats).toMatchObject({ added: 0, changed: 1, removed: 0, addedBytes: fresh[0]?.bytes });
  expect(second.entry).toMatchObject({ label: "1.1", op: "edit", seq: 2 });
});

test("counts what was added, changed and removed, row by row", async () => {
  await addExamples(bench.storage, range(0, 200));
  await commitVersion({ ...bench.commit, dataset: "d" });
  await addExamples(bench.storage, range(500, 530));
  for (const number of [3, 77, 78]) await edit(number, { quality_tier: "gold" });
  for (const number of [10, 199]) await edit(number, { lifecycle: "archived" });
  const { manifest, entry } = await commitVersion({ ...bench.commit, dataset: "d" });
  expect(manifest.stats).toMatchObject({ added: 30, changed: 3, removed: 2 });
  expect({ rows: manifest.rows, op: entry.op }).toEqual({ rows: 228, op: "edit" });
});

test("rows that were only added are an append", async () => {
  await addExamples(bench.storage, range(0, 50));
  await commitVersion({ ...bench.commit, dataset: "d" });
  await addExamples(bench.storage, range(50, 60));
  expect((await commitVersion({ ...bench.commit, dataset: "d" })).entry).toMatchObject({ op: "append", label: "1.1" });
});

test("a version holds what the pool held, in key order, whatever happens to the pool later", async () => {
  await addExamples(bench.storage, range(0, 120), (row) => (row.id === exampleId(7) ? { subjectId: "ab".repeat(16) } : {}));
  const { manifest } = await commitVersion({ ...bench.commit, dataset: "d" });
  await edit(5, { feedback: "later" });
  const rows = (await Array.fromAsync(readVersion({ objects: bench.objects, duck: bench.duck, manifest }))).flat();
  expect(rows.map((row) => row.id)).toEqual(range(0, 120).map(exampleId));
  for (const [number, row] of rows.entries()) {
    const { subjects, ...rest } = row;
    expect(rowToExample(rest)).toEqual(rowToExample(exampleRow(number)));
    expect(subjects).toEqual(number === 7 ? ["ab".repeat(16)] : []);
  }
});

test("takes members alone, or what fits a filter", async () => {
  await createDataset(bench.storage, { name: "d", actor: "user:test", clock: bench.commit.clock });
  await addExamples(bench.storage, range(0, 40));
  await bench.storage.setMembers("d", { add: range(0, 10).map(exampleId) }, { actor: "user:test", atMs: 1, op: "add" });
  const members = await commitVersion({ ...bench.commit, dataset: "d", recipe: { format: 1, from: "members" } });
  expect(members.manifest.rows).toBe(10);
  const chats = await commitVersion({ ...bench.commit, dataset: "d", recipe: { format: 1, from: "members", where: "kind = chat" } });
  expect({ rows: chats.manifest.rows, ...chats.manifest.stats }).toMatchObject({ rows: 5, removed: 5, added: 0 });
  await expect(
    commitVersion({ ...bench.commit, dataset: "d", recipe: { format: 1, from: "members", where: "knd = chat" } }),
  ).rejects.toMatchObject({ code: "filter/unknown-field" });
});

test("another recipe makes a version even where it takes the same rows", async () => {
  await addExamples(bench.storage, range(0, 20));
  await commitVersion({ ...bench.commit, dataset: "d" });
  const same = await commitVersion({ ...bench.commit, dataset: "d", recipe: { format: 1, from: "pool", where: "weight = 1" } });
  expect(same).toMatchObject({ created: true, manifest: { stats: { added: 0, changed: 0, removed: 0, addedBytes: 0 } } });
});

test("major goes to the next whole number, and minor counts on from there", async () => {
  const labels: string[] = [];
  for (const [i, major] of [false, false, true, false].entries()) {
    await addExamples(bench.storage, range(i * 10, i * 10 + 10));
    labels.push((await commitVersion({ ...bench.commit, dataset: "d", major })).entry.label);
  }
  expect(labels).toEqual(["1.0", "1.1", "2.0", "2.1"]);
});

test("many writers at once on one branch: every number once, in one line, none older than the one before", async () => {
  await addExamples(bench.storage, range(0, 60));
  await commitVersion({ ...bench.commit, dataset: "d" });
  const writers = range(0, 6).map(async (writer) => {
    await addExamples(bench.storage, [1_000 + writer]);
    return commitVersion({ ...bench.commit, dataset: "d", actor: `user:${writer}` });
  });
  await Promise.all(writers);
  const entries = await Array.fromAsync(listVersions(bench.objects, { dataset: "d", branch: "main" }));
  const manifests = await Promise.all(entries.map((entry) => readManifest(bench.objects, entry.manifest)));
  expect(entries.map((entry) => entry.seq)).toEqual(range(1, entries.length + 1).toReversed());
  expect(manifests[0]?.rows).toBe(66);
  for (const [i, manifest] of manifests.slice(0, -1).entries()) {
    expect(manifest.parents[0]?.manifest).toBe(entries[i + 1]?.manifest);
    expect(manifest.provenance.pool?.toSeq).toBeGreaterThanOrEqual(manifests[i + 1]?.provenance.pool?.toSeq ?? Infinity);
  }
  expect((await verifyVersions({ objects: bench.objects, level: "deep", duck: bench.duck })).problems).toEqual([]);
});

test("stops when told to, and leaves no version", async () => {
  await addExamples(bench.storage, range(0, 50));
  await expect(commitVersion({ ...bench.commit, dataset: "d", signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
  expect(await Array.fromAsync(listVersions(bench.objects, { dataset: "d", branch: "main" }))).toEqual([]);
});

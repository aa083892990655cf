import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { TestWorkspace } from "../operations/test-workspace.ts";
import { openTestWorkspace } from "../operations/test-workspace.ts";
import type { Workspace } from "../workspace.ts";
import { openWorkspace } from "../workspace.ts";
import { checkFreshness } from "./freshness-check.ts";
import { batchCheck, freshnessOf } from "./freshness-texts.ts";
import type { FreshnessContext } from "./freshness.ts";
import { openFreshness } from "./freshness.ts";

let opened: TestWorkspace;
let workspace: Workspace;
/** What was told of the progress so far. */
const steps: string[] = [];
beforeEach(async () => {
  steps.length = 0;
  opened = await openTestWorkspace({ packs: ["social"] });
  await embedWith("hash-v1");
});
afterEach(async () => {
  await workspace.close();
  await opened.end();
});

/** Opens the workspace once more with another embedder. */
async function embedWith(embedder: string): Promise<void> {
  const config = (await readFile(opened.workspace.paths.config, "utf8")).replaceAll(/^embedder:.*\n/gm, "");
  await writeFile(opened.workspace.paths.config, `${config}\nembedder: ${embedder}\n`);
  workspace = await openWorkspace(opened.folder, { toolVersion: "0.0.0" });
}

async function add(...posts: readonly (readonly [text: string, type?: string])[]): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const [text, type] of posts) {
    const example = { kind: "text" as const, text, ...(type === undefined ? {} : { type }) };
    ids.push((await opened.call("example.add", { example })).example.id);
  }
  return ids;
}

/** What the index does when it is opened: `remarks` tell of rebuilding, `steps` of reading the whole pool or following changes. */
async function opening(): Promise<{ readonly remarks: readonly string[]; readonly steps: readonly string[]; readonly size: number }> {
  const remarks: string[] = [];
  const seen: string[] = [];
  const { index } = await openFreshness(
    workspace,
    {},
    { remark: (message) => remarks.push(message), progress: ({ step }) => seen.push(step) },
  );
  return { remarks, steps: [...new Set(seen)], size: index.size };
}

const indexFolder = (): string => join(workspace.paths.index, "freshness", "pool");
/** The merged part: another one after a rebuild. */
const baseFile = async (): Promise<string> => (await readdir(indexFolder())).find((name) => name.startsWith("base-")) ?? "";
const context: FreshnessContext = { progress: ({ step }) => steps.push(step) };
const nearestTo = async (text: string, type?: string): Promise<string | undefined> =>
  (await freshnessOf(workspace, text, { type }, context))?.nearest?.id;
const scoreOf = async (text: string): Promise<number | undefined> => (await freshnessOf(workspace, text, {}, context))?.score;

describe("the index of a pool", () => {
  test("is built once and reopened as long as nothing changes", async () => {
    await add(["gm to everyone who sows beans"], ["peas climb higher than the fence"]);
    expect(await opening()).toEqual({ remarks: [], steps: ["indexing texts"], size: 2 });
    expect(await opening()).toEqual({ remarks: [], steps: [], size: 2 });
  });

  test("follows what is added, edited, trashed, archived and brought back, without being built again", async () => {
    const [beans = "", peas = ""] = await add(["gm to everyone who sows beans", "gm"], ["peas climb higher than the fence", "gm"]);
    await opening();
    steps.length = 0;
    const [frost = ""] = await add(["frost took the last tomatoes", "gm"]);
    expect(await nearestTo("frost took the last tomatoes")).toBe(frost);
    await opened.call("example.edit", { id: frost, set: { text: "hail took the first cherries" } });
    expect(await scoreOf("hail took the first cherries")).toBe(0);
    expect(await scoreOf("frost took the last tomatoes")).toBeGreaterThan(0.2);
    await opened.call("example.trash", { ids: [beans] });
    expect(await scoreOf("gm to everyone who sows beans")).toBeGreaterThan(0.5);
    await opened.call("example.restore", { ids: [beans] });
    expect(await nearestTo("gm to everyone who sows beans")).toBe(beans);
    const storage = await workspace.storage();
    await storage.change([{ id: peas, set: { lifecycle: "archived" } }], { actor: "user:test", atMs: 1, op: "archive" });
    expect(await opening()).toEqual({ remarks: [], steps: ["following changes"], size: 2 });
    expect(await nearestTo("peas climb higher than the fence")).not.toBe(peas);
    expect(steps).not.toContain("indexing texts");
  });

  test("is built again, with a remark, when one of its files is damaged", async () => {
    await add(["gm to everyone who sows beans"]);
    await opening();
    const base = join(indexFolder(), await baseFile());
    const bytes = await readFile(base);
    bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1);
    await writeFile(base, bytes);
    const { remarks, steps: done, size } = await opening();
    expect([remarks, done, size]).toEqual([
      [expect.stringMatching(/^The freshness index is built again: .*checksum/)],
      ["indexing texts"],
      1,
    ]);
    expect((await opening()).remarks).toEqual([]);
  });

  test("is built again for another embedder, and says of both who they are", async () => {
    await add(["gm to everyone who sows beans"]);
    await opening();
    await workspace.close();
    await embedWith("static-v2");
    const { remarks, steps: done } = await opening();
    expect([remarks, done]).toEqual([[expect.stringMatching(/hash-v1.*static-v2/)], ["indexing texts"]]);
    expect((await freshnessOf(workspace, "good morning to all who plant beans"))?.embedder.id).toBe("static-v2");
  });

  test("is built again when the pool was put back to an earlier state", async () => {
    const [first = ""] = await add(["gm to everyone who sows beans"], ["peas climb higher than the fence"]);
    await opening();
    const storage = await workspace.storage();
    await storage.transaction((queries) => queries.deleteFrom("change_log").where("id", "<>", first).execute());
    expect((await opening()).remarks).toEqual([expect.stringContaining("does not lead on")]);
  });

  test("two that open and save it at the same moment both get right answers, and leave a sound index", async () => {
    await add(["gm to everyone who sows beans"]);
    await opening();
    const [frost = ""] = await add(["frost took the last tomatoes"]);
    const other = await openWorkspace(opened.folder, { toolVersion: "0.0.0" });
    const found = await Promise.all(
      [workspace, other, workspace, other].map(async (one) => (await freshnessOf(one, "frost took the last tomatoes"))?.nearest?.id),
    );
    await other.close();
    expect(found).toEqual([frost, frost, frost, frost]);
    expect(await opening()).toEqual({ remarks: [], steps: [], size: 2 });
    expect(await readdir(indexFolder())).toHaveLength(3);
  });

  test("one that cannot be written is used all the same, and said", async () => {
    await add(["gm to everyone who sows beans"]);
    await writeFile(workspace.paths.index, "a file where the folder should be");
    const { remarks, size } = await opening();
    expect([remarks, size]).toEqual([[expect.stringMatching(/^The freshness index could not be kept/)], 1]);
  });
});

test("a dataset's index holds its members alone, and follows who joins and leaves", async () => {
  const file = await opened.writeRows("posts.jsonl", [{ kind: "text", text: "gm to everyone who sows beans" }]);
  await opened.call("example.import", { file, dataset: "Garden" });
  await add(["peas climb higher than the fence"]);
  const inside = async (text: string): Promise<number | undefined> => (await freshnessOf(workspace, text, { dataset: "Garden" }))?.score;
  expect(await inside("peas climb higher than the fence")).toBe(1);
  expect(await inside("gm to everyone who sows beans")).toBe(0);
  const more = await opened.writeRows("more.jsonl", [{ kind: "text", text: "peas climb higher than the fence" }]);
  await opened.call("example.import", { file: more, dataset: "Garden" });
  expect(await inside("peas climb higher than the fence")).toBe(0);
  const storage = await workspace.storage();
  const { examples } = await opened.call("example.list", { dataset: "Garden" });
  await storage.setMembers("garden", { remove: examples.map(({ id }) => id) }, { actor: "user:test", atMs: 1, op: "member" });
  expect(await inside("peas climb higher than the fence")).toBe(1);
  await expect(freshnessOf(workspace, "gm", { dataset: "gardn" })).rejects.toMatchObject({ code: "dataset/not-found" });
});

describe("one text", () => {
  test("is wholly fresh in an empty pool", async () => {
    const found = await freshnessOf(workspace, "gm frens");
    expect(found).toMatchObject({ score: 1, isFresh: true, samples: 0, percentile: 1, threshold: 0.7 });
    expect(found).not.toHaveProperty("nearest");
  });

  test("without words is neither fresh nor not", async () => {
    expect(await freshnessOf(workspace, " … !? ")).toBeUndefined();
  });

  test("is compared with its type alone where one is named", async () => {
    const [gm = ""] = await add(["beans climb higher than the fence", "gm"], ["frost took the last tomatoes", "insight"]);
    expect(await freshnessOf(workspace, "frost took the last tomatoes", { type: "gm" })).toMatchObject({ samples: 1, threshold: 0.65 });
    expect(await nearestTo("frost took the last tomatoes", "gm")).toBe(gm);
    await expect(freshnessOf(workspace, "gm", { type: "gn" })).rejects.toThrow(/did you mean gm\?/);
  });

  test("tells the three parts, and is fresh from exactly its threshold on", async () => {
    // Words: 3 of 5 shared. Three-word phrases: 1 of 3. So .3 * .6 + .4 / 3, and nothing of the meaning.
    await writeFile(workspace.paths.config, `${await readFile(workspace.paths.config, "utf8")}freshness: { weights: { semantic: 0 } }\n`);
    await workspace.close();
    workspace = await openWorkspace(opened.folder, { toolVersion: "0.0.0" });
    await add(["one two three four"]);
    const found = await freshnessOf(workspace, "one two three five");
    expect(found?.nearest).toMatchObject({ similarity: 0.3133, parts: { word: 0.6, phrase: 0.3333 }, text: "one two three four" });
    const exactly = 1 - (0.3 * 0.6 + 0.4 * (1 / 3));
    expect((await freshnessOf(workspace, "one two three five", { threshold: exactly }))?.isFresh).toBe(true);
    expect((await freshnessOf(workspace, "one two three five", { threshold: exactly + 1e-9 }))?.isFresh).toBe(false);
  });

  test("tells which share of the pool's own samples is no fresher", async () => {
    await add(["gm gm gm beans"], ["gm gm gm peas"], ["frost took the last tomatoes"], ["hail and thunder all over the valley"]);
    const copy = await freshnessOf(workspace, "gm gm gm beans");
    const other = await freshnessOf(workspace, "quite another matter altogether");
    expect([copy?.percentile, other?.percentile]).toEqual([0, 1]);
    const between = await freshnessOf(workspace, "frost took the first cherries");
    expect(between?.percentile).toBe(0.5);
  });

  test("may have a threshold by the pool's own distribution", async () => {
    await add(["gm gm gm beans"], ["gm gm gm peas"], ["frost took the last tomatoes"], ["hail and thunder all over the valley"]);
    const found = await freshnessOf(workspace, "gm gm gm cherries", { threshold: { quantile: 0.5 } });
    const report = await checkFreshness(workspace, { actor: "user:test" });
    const own = report.stale.map(({ freshness }) => freshness);
    expect(found?.isFresh).toBe(false);
    expect(found?.threshold).toBeGreaterThan(own[0] ?? 1);
  });

  test("above a megabyte is refused", async () => {
    await expect(freshnessOf(workspace, "é".repeat(500_001))).rejects.toMatchObject({ code: "freshness/too-long", kind: "limit" });
    await expect(batchCheck(workspace, ["gm", "x".repeat(1_000_001)])).rejects.toThrow(/^Text 2 has 1000001 bytes/);
  });
});

test("many texts are told in their order, with the witness of each that is not fresh", async () => {
  const [beans = ""] = await add(["gm to everyone who sows beans", "gm"]);
  const found = await batchCheck(workspace, ["hail took the first cherries", "GM, to everyone who sows beans!", "…"], { type: "gm" });
  expect(found).toMatchObject({ type: "gm", threshold: 0.65, samples: 1, fresh: 1, below: 1, withoutWords: 1 });
  expect(found.texts).toEqual([
    { text: "hail took the first cherries", score: expect.any(Number), isFresh: true },
    { text: "GM, to everyone who sows beans!", score: 0, isFresh: false, witness: expect.objectContaining({ id: beans, similarity: 1 }) },
    { text: "…" },
  ]);
});

test("whoever aborts stops the building of an index", async () => {
  await add(["gm to everyone who sows beans"]);
  await expect(freshnessOf(workspace, "gm", {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: "AbortError" });
});

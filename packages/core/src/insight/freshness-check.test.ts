import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Json } from "../schema/json.ts";
import type { TestWorkspace } from "../operations/test-workspace.ts";
import { openTestWorkspace } from "../operations/test-workspace.ts";
import type { Workspace } from "../workspace.ts";
import { openWorkspace } from "../workspace.ts";
import type { CheckFreshnessOptions, FreshnessReport } from "./freshness-check.ts";
import { checkFreshness } from "./freshness-check.ts";
import { setThreshold } from "./freshness-thresholds.ts";

const DAY_MS = 86_400_000;
let opened: TestWorkspace;
let workspace: Workspace;
beforeEach(async () => {
  opened = await openTestWorkspace({ packs: ["social"] });
  await configure("embedder: hash-v1");
});
afterEach(async () => {
  await workspace.close();
  await opened.end();
});

/** Adds lines to the configuration and opens the workspace with it. */
async function configure(lines: string): Promise<void> {
  const path = opened.workspace.paths.config;
  await writeFile(path, `${await readFile(path, "utf8")}\n${lines}\n`);
  workspace = await openWorkspace(opened.folder, { toolVersion: "0.0.0" });
}

async function take(...rows: readonly Json[]): Promise<void> {
  await opened.call("example.import", { file: await opened.writeRows(`${Math.random()}.jsonl`, rows), dataset: "posts" });
}

/** Posts without a word in common, and so many that differ by their punctuation alone. */
function posts(type: string, unlike: number, alike: number): readonly Json[] {
  const own = Array.from({ length: unlike }, (_, i) => ({
    kind: "text",
    text: [1, 2, 3, 4].map((n) => madeUp(`${type} ${i} ${n}`)).join(" "),
    type,
  }));
  const same = Array.from({ length: alike }, (_, i) => ({ kind: "text", text: `${type} soil is warm${"!".repeat(i)}`, type }));
  return [...own, ...same];
}

/** A word that shares hardly a run of letters with any other. */
function madeUp(seed: string): string {
  return createHash("sha256").update(seed).digest("hex").slice(0, 10);
}

const check = async (options: Partial<CheckFreshnessOptions> = {}): Promise<FreshnessReport> =>
  checkFreshness(workspace, { actor: "user:test", ...options });

test("counts as document 1 shows it: 45 of 50, 58 of 60, 93 % of all", async () => {
  await take(...posts("gm", 45, 5), ...posts("insight", 58, 2));
  const report = await check();
  expect(report.types).toEqual([
    expect.objectContaining({ type: "gm", file: "gm_posts.json", samples: 50, fresh: 45, below: 5, share: 0.9, threshold: 0.65 }),
    expect.objectContaining({
      type: "insight",
      file: "codatta_insights.json",
      samples: 60,
      fresh: 58,
      below: 2,
      share: 0.9667,
      threshold: 0.8,
    }),
  ]);
  expect(report).toMatchObject({
    method: "exact",
    samples: 110,
    fresh: 103,
    below: 7,
    share: 0.9364,
    goal: 0.85,
    isGoalMet: true,
    minThreshold: 0.65,
    warnings: [],
  });
  expect(report.mean).toBeLessThan(0.9364);
  expect(report.mean).toBeGreaterThan(0.7);
});

test("names the worst first, each with what it repeats", async () => {
  await take(...posts("gm", 3, 0), { kind: "text", type: "gm", text: "gm frens" }, { kind: "text", type: "gm", text: "GM, frens!" });
  const { stale } = await check({ limit: 1 });
  const [first] = stale;
  expect(stale).toHaveLength(1);
  expect(first).toMatchObject({
    type: "gm",
    text: "gm frens",
    freshness: 0,
    threshold: 0.65,
    witness: { similarity: 1, parts: { word: 1, phrase: 1, semantic: 1 }, cosine: 1, type: "gm", text: "GM, frens!" },
  });
  expect((await check({ limit: 0 })).stale).toEqual([]);
});

test("misses the goal where too few are fresh", async () => {
  await take(...posts("gm", 1, 3));
  expect(await check()).toMatchObject({ share: 0.25, isGoalMet: false });
  await workspace.close();
  await configure("freshness: { goal: 0.25 }");
  expect(await check()).toMatchObject({ goal: 0.25, isGoalMet: true });
});

test("an empty pool has nothing to check and misses nothing", async () => {
  const report = await check();
  expect(report).toMatchObject({ samples: 0, isGoalMet: true, types: [], stale: [], trend: [] });
  expect(report).not.toHaveProperty("share");
});

test("compares within the type; an example without a type with all", async () => {
  const text = "the soil is warm enough for beans";
  await take({ kind: "text", text, type: "gm" }, { kind: "text", text: `${text}!`, type: "insight" }, { kind: "text", text: `${text}?` });
  const { types, minThreshold } = await check();
  expect(types.map(({ type, fresh, threshold }) => [type, fresh, threshold])).toEqual([
    ["gm", 1, 0.65],
    ["insight", 1, 0.8],
    [undefined, 0, 0.7],
  ]);
  expect(minThreshold).toBe(0.65);
});

test("leaves other versions of an example out: its parent, and what has the same one", async () => {
  const text = "the soil is warm enough for beans";
  const first = await opened.call("example.add", { example: { kind: "text", text, type: "gm" } });
  const parentId = first.example.id;
  for (const mark of ["!", "?"]) await opened.call("example.add", { example: { kind: "text", text: text + mark, type: "gm", parentId } });
  expect(await check()).toMatchObject({ samples: 3, below: 0, mean: 1 });
  await take({ kind: "text", text: `${text} …`, type: "gm" });
  expect(await check()).toMatchObject({ samples: 4, below: 4, mean: 0 });
});

test("up to 200 examples of a group are versions of each other; a larger group is none, and that is said", async () => {
  const grouped = (type: string, rows: number, groupKey: string): readonly Json[] =>
    posts(type, 0, rows).map((row) => ({ ...(row as object), groupKey }));
  await take(...grouped("gm", 200, "a conversation"), ...grouped("insight", 201, "the whole log"));
  const remarks: string[] = [];
  const { types } = await checkFreshness(workspace, { actor: "user:test" }, { remark: (message) => remarks.push(message) });
  expect(types.map(({ below }) => below)).toEqual([0, 201]);
  expect(remarks).toEqual([expect.stringContaining("The group the whole log has more than 200 examples")]);
});

test("counts texts without words apart", async () => {
  await take(...posts("gm", 3, 0));
  const [last] = (await opened.call("example.list", { limit: 1 })).examples;
  const storage = await workspace.storage();
  await storage.change([{ id: last?.id ?? "", set: { input_text: "…" } }], { actor: "user:test", atMs: 1, op: "edit" });
  const { types, withoutWords } = await check();
  expect([types[0]?.samples, types[0]?.withoutWords, withoutWords]).toEqual([2, 1, 1]);
});

test("may look at one type, or at the members of a dataset alone", async () => {
  await take(...posts("gm", 3, 0), ...posts("insight", 2, 0));
  await opened.call("example.add", {
    example: { kind: "text", text: `${[1, 2, 3, 4].map((n) => madeUp(`gm 0 ${n}`)).join(" ")}!`, type: "gm" },
  });
  expect((await check({ type: "insight" })).types.map(({ type, samples }) => [type, samples])).toEqual([["insight", 2]]);
  expect(await check({ dataset: "posts" })).toMatchObject({ dataset: "posts", samples: 5, below: 0 });
  expect(await check()).toMatchObject({ samples: 6, below: 2 });
  await expect(check({ type: "insigt" })).rejects.toThrow(/did you mean insight\?/);
});

test("says where there are too few to say much, and when the next check is due", async () => {
  await take(...posts("gm", 3, 0));
  const { warnings, nextCheck } = await check();
  expect(warnings).toEqual(["There are only 3 samples of type gm; below 30 (min_samples) freshness says little."]);
  const days = (Date.parse(nextCheck ?? "") - Date.now()) / DAY_MS;
  expect(days).toBeGreaterThan(6.9);
  expect(days).toBeLessThan(7.1);
});

describe("what is kept", () => {
  const figures = async (): Promise<readonly (readonly [string, string, number])[]> => {
    const storage = await workspace.storage();
    const rows = await storage.read(({ queries }) =>
      queries.selectFrom("metric").selectAll().orderBy("name").orderBy("dimension").execute(),
    );
    return rows.map(({ name, dimension, value }) => [name, dimension, value]);
  };
  const kept = async (): Promise<readonly (number | null)[]> => {
    const storage = await workspace.storage();
    const rows = await storage.read(({ queries }) => queries.selectFrom("example_stat").select("freshness").orderBy("n").execute());
    return rows.map(({ freshness }) => freshness);
  };

  test("scores with the examples; the day's figures once, by type and together", async () => {
    await workspace.close();
    await configure("freshness: { weights: { jaccard: 0.4, phrase: 0.6, semantic: 0 } }");
    await take(...posts("gm", 1, 2));
    await check();
    expect(await kept()).toEqual([1, 0, 0]);
    await take(...posts("insight", 1, 0));
    await check();
    expect(await kept()).toEqual([1, 0, 0, 1]);
    expect(await figures()).toEqual([
      ["freshness.count", "", 4],
      ["freshness.count", "type=gm", 3],
      ["freshness.count", "type=insight", 1],
      ["freshness.mean", "", 0.5],
      ["freshness.mean", "type=gm", 0.3333],
      ["freshness.mean", "type=insight", 1],
      ["freshness.share", "", 0.5],
      ["freshness.share", "type=gm", 1 / 3],
      ["freshness.share", "type=insight", 1],
    ]);
  });

  test("a check changes no example: no revision, nothing in the change log", async () => {
    await take(...posts("gm", 1, 2));
    const storage = await workspace.storage();
    const before = await storage.read(async ({ seq }) => seq);
    await check();
    expect(await storage.read(async ({ seq }) => seq)).toBe(before);
  });

  test("the trend tells the days that were checked, oldest first", async () => {
    await take(...posts("gm", 1, 1));
    const day = Math.floor(Date.now() / DAY_MS);
    const storage = await workspace.storage();
    await storage.addMetrics([
      { day: day - 1, name: "freshness.share", value: 0.5 },
      { day: day - 8, name: "freshness.share", value: 0.25 },
    ]);
    const { trend } = await check();
    expect(trend.map(({ share }) => share)).toEqual([0.25, 0.5, 1]);
    expect(trend.at(-1)?.day).toBe(new Date(day * DAY_MS).toISOString().slice(0, 10));
  });

  test("a decision finds the same examples as the score does, and keeps no score and no mean", async () => {
    await take(...posts("gm", 6, 3), ...posts("insight", 5, 2));
    const decided = await check({ decide: true });
    expect(await kept()).toEqual([]);
    const exact = await check({ decide: false });
    expect([decided.method, exact.method]).toEqual(["decision", "exact"]);
    expect(decided).not.toHaveProperty("mean");
    expect([decided.fresh, decided.below]).toEqual([exact.fresh, exact.below]);
    expect(decided.stale.map(({ id }) => id).toSorted()).toEqual(exact.stale.map(({ id }) => id).toSorted());
  });
});

test("a quantile as threshold: about that share is below, and its re-fit stands in the history", async () => {
  await workspace.close();
  await configure("freshness: { weights: { jaccard: 0.4, phrase: 0.6, semantic: 0 } }");
  await take(...posts("gm", 12, 4));
  await setThreshold(workspace, { type: "gm", threshold: { quantile: 0.5 }, actor: "user:ana" });
  const report = await check();
  expect(report.types[0]).toMatchObject({ quantile: 0.5, threshold: 1, below: 4 });
  await take(...posts("gm", 0, 40).map((row, i) => ({ ...(row as object), text: `the same again${"?".repeat(i)}` })));
  await check();
  const { history } = await opened.call("threshold.list", {});
  expect(history).toMatchObject([
    { actor: "user:ana", type: "gm", why: "set", before: 0.65, after: { quantile: 0.5 } },
    { actor: "user:test", type: "gm", why: "fitted", before: 1, after: 0 },
  ]);
});

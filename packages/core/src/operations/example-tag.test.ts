import { afterAll, beforeAll, expect, test } from "vitest";
import type { Progress } from "../schema/progress.ts";
import type { TestWorkspace } from "./test-workspace.ts";
import { openTestWorkspace } from "./test-workspace.ts";

const ROWS = 2_300; // more than two batches

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openTestWorkspace();
  const rows = Array.from({ length: ROWS }, (_, index) => ({
    kind: "text",
    text: `Bed number ${index} is ready to be sown.`,
    project: index % 2 === 0 ? "even" : "odd",
  }));
  await opened.call("example.import", { file: await opened.writeRows("beds.jsonl", rows), dataset: "beds" });
});
afterAll(() => opened.end());

const tagged = async (tag: string): Promise<number> => (await opened.call("pool.stats", {})).facets["tag"]?.[tag] ?? 0;

test("adds and removes tags of named examples, each once, and says how many changed", async () => {
  const [one, two] = (await opened.call("example.list", { limit: 2 })).examples.map(({ id }) => id);
  const ids = [one ?? "", two ?? ""];
  expect(await opened.call("example.tag", { ids, add: ["ready", "ready", "spring"] })).toMatchObject({
    matched: 2,
    changed: 2,
    first: ids,
    dryRun: false,
  });
  expect(await opened.call("example.tag", { ids, add: ["ready"] })).toMatchObject({ matched: 2, changed: 0 });
  expect(await opened.call("example.tag", { ids: [one ?? ""], add: ["sown"], remove: ["ready"] })).toMatchObject({ changed: 1 });
  expect((await opened.call("example.show", { id: one ?? "" })).example).toMatchObject({ tags: ["spring", "sown"], rev: 3 });
  expect(await tagged("ready")).toBe(1);
});

test("a dry run counts and changes nothing", async () => {
  const before = await opened.call("pool.stats", {});
  expect(await opened.call("example.tag", { where: "project = even", add: ["even"], dryRun: true })).toMatchObject({
    matched: ROWS / 2,
    changed: ROWS / 2,
    dryRun: true,
  });
  expect(await opened.call("pool.stats", {})).toEqual(before);
});

test("tags everything that fits a filter, in batches with progress, though each change takes it out of the filter", async () => {
  const progress: Progress[] = [];
  const done = await opened.call("example.tag", { where: "not tag has all", add: ["all"] }, { progress: (at) => progress.push(at) });
  expect(done).toMatchObject({ matched: ROWS, changed: ROWS });
  expect(done.first).toHaveLength(20);
  expect(progress.map((at) => [at.done, at.total])).toEqual([
    [1_000, ROWS],
    [2_000, ROWS],
    [ROWS, ROWS],
  ]);
  expect(await tagged("all")).toBe(ROWS);
});

test("all changes of a call bear one moment, by which a filter finds them again", async () => {
  const { at, changed } = await opened.call("example.tag", { where: "project = odd", add: ["odd"] });
  expect(await opened.call("example.tag", { where: `updatedAt = ${at}`, remove: ["odd"], dryRun: true })).toMatchObject({
    matched: changed,
    changed,
  });
});

test("stops between batches and keeps what was acknowledged; the same call goes on", async () => {
  const stop = new AbortController();
  const input = { dataset: "beds", add: ["late"] };
  await expect(opened.call("example.tag", input, { signal: stop.signal, progress: () => stop.abort() })).rejects.toThrow(/abort/i);
  expect(await tagged("late")).toBe(1_000);
  expect(await opened.call("example.tag", input)).toMatchObject({ matched: ROWS, changed: ROWS - 1_000 });
});

test("tags that writers give at the same moment are all kept", async () => {
  await Promise.all(["a", "b", "c"].map((tag) => opened.call("example.tag", { where: "project = even", add: [tag] })));
  expect(await Promise.all(["a", "b", "c"].map(tagged))).toEqual([ROWS / 2, ROWS / 2, ROWS / 2]);
});

test("no tag holds personal data", async () => {
  const [first] = (await opened.call("example.list", { limit: 1 })).examples;
  await opened.call("example.tag", { ids: [first?.id ?? ""], add: ["ask ana@example.org"] });
  expect((await opened.call("example.show", { id: first?.id ?? "" })).example.tags).toContain("ask [REDACTED_EMAIL]");
});

test.each([
  ["no tag", { where: "project = even" }, "input/invalid", "none to add"],
  ["a tag both ways", { where: "project = even", add: ["x"], remove: ["x"] }, "input/invalid", "x is to be added"],
  ["nothing selected", { add: ["x"] }, "input/invalid", "neither"],
  ["ids and a filter", { ids: ["01ARZ3"], where: "kind = text", add: ["x"] }, "input/invalid", "both"],
  ["an unknown id", { ids: ["01ARZ3NDEKTSV4RRFFQ69G5FAV"], add: ["x"] }, "example/not-found", "01ARZ3"],
  ["an unknown dataset", { dataset: "bedz", add: ["x"] }, "dataset/not-found", "beds"],
  ["a filter it cannot read", { where: "projekt = even", add: ["x"] }, "filter/unknown-field", "project"],
])("refuses %s", async (_, input, code, told) => {
  await expect(opened.call("example.tag", input)).rejects.toMatchObject({ code, message: expect.stringContaining(told) });
});

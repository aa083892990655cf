import { afterAll, beforeAll, expect, test } from "vitest";
import { bytesSource } from "../files/test-sources.ts";
import type { Progress } from "../schema/progress.ts";
import type { TestWorkspace } from "./test-workspace.ts";
import { oneOfEachKind, openTestWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openTestWorkspace({ packs: ["assistant"] });
});
afterAll(() => opened.end());

test("imports a file, recognised by itself, into a dataset that it makes", async () => {
  const progress: Progress[] = [];
  const file = await opened.writeRows("mixed.jsonl", oneOfEachKind);
  const report = await opened.call("example.import", { file, dataset: "Garden notes" }, { progress: (at) => progress.push(at) });
  expect(report).toMatchObject({
    file,
    dataset: "Garden notes",
    read: 7,
    accepted: 7,
    rejected: 0,
    format: { name: "tilth" },
    layout: { name: "jsonl" },
  });
  expect(report.kinds).toEqual({ chat: 1, preference: 1, rating: 1, text: 1, classification: 1, extraction: 1, steps: 1 });
  expect(progress.at(-1)).toMatchObject({ step: `reading ${file}`, done: report.sizeBytes, total: report.sizeBytes, detail: "7 rows" });
  expect(await opened.call("dataset.show", { dataset: "garden-notes" })).toMatchObject({ members: 7, createdBy: "user:test" });
});

test("takes the bytes of a body in place of a path", async () => {
  const body = bytesSource('{"question":"Where do leeks grow?","answer":"In deep loose soil."}\n', 16, "upload");
  expect(await opened.call("example.import", {}, { body })).toMatchObject({
    file: "upload",
    accepted: 1,
    format: { name: "prompt-response" },
  });
});

test("fills in source, type, project and tags where rows do not say", async () => {
  const file = await opened.writeRows("notes.jsonl", [
    { text: "Chives flower in June.", source: "diary" },
    { text: "Dill does not like to be moved." },
  ]);
  await opened.call("example.import", {
    file,
    format: "document-post",
    source: "notebook",
    type: "casual",
    project: "herbs",
    tags: ["bed 3"],
  });
  const { examples } = await opened.call("example.list", { where: "project = herbs" });
  expect(examples.map(({ source, type, tags }) => [source, type, tags])).toEqual([
    ["notebook", "casual", ["bed 3"]],
    ["diary", "casual", ["bed 3"]],
  ]);
});

test("a dry run makes neither examples nor the dataset", async () => {
  const before = await opened.call("pool.stats", {});
  const file = await opened.writeRows("dry.jsonl", [{ question: "And kale?", answer: "Kale is hardy." }]);
  expect(await opened.call("example.import", { file, dataset: "Never made", dryRun: true })).toMatchObject({ dryRun: true, accepted: 1 });
  expect(await opened.call("pool.stats", {})).toEqual(before);
});

test.each([
  ["neither path nor body", {}, "input/invalid", "neither a path nor a body"],
  ["a file that is not there", { file: "nowhere.jsonl" }, "input/not-found", "nowhere.jsonl"],
  [
    "an unknown format, before a dataset is made",
    { file: "mixed.jsonl", format: "openai-cat", dataset: "Typo" },
    "input/invalid",
    "openai-chat",
  ],
  ["an unknown layout", { file: "mixed.jsonl", layout: "jsonk" }, "input/invalid", "jsonl"],
])("refuses %s", async (_, input, code, told) => {
  const given = "file" in input && input.file === "mixed.jsonl" ? { ...input, file: `${opened.folder}/mixed.jsonl` } : input;
  await expect(opened.call("example.import", given)).rejects.toMatchObject({ code, message: expect.stringContaining(told) });
  expect((await opened.call("dataset.list", {})).datasets.map(({ id }) => id)).toEqual(["garden-notes"]);
});

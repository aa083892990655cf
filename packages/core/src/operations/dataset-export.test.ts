import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openFilledWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openFilledWorkspace();
});
afterAll(() => opened.end());

const linesOf = async (folder: string, name: string): Promise<readonly Record<string, unknown>[]> =>
  (await readFile(join(folder, name), "utf8"))
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));

test("writes a version, whole, in the house's own rows, which come back as they were", async () => {
  await opened.call("version.create", { dataset: "mixed" });
  const made = await opened.call("dataset.export", { version: "mixed@1.0", split: false });
  expect(made).toMatchObject({
    dataset: "mixed",
    label: "1.0",
    format: "tilth",
    dryRun: false,
    read: 7,
    written: 7,
    refused: 0,
    rows: 7,
    losses: {},
    refusals: {},
  });
  expect(made.folder).toBe(join(opened.workspace.paths.exports, "mixed-1.0-tilth"));
  const [file] = made.files;
  const { examples } = await opened.call("example.list", {});
  const rows = await linesOf(made.folder, file?.name ?? "");
  // How a score came about is known to the pool alone: versions keep the score.
  const versioned = examples.map((example) => ({ ...example, quality: { ...example.quality, factors: {} } }));
  expect(rows.toSorted((one, other) => (String(one["id"]) < String(other["id"]) ? 1 : -1))).toEqual(versioned);
});

test("says how many examples a format refuses and why, and counts rows by split", async () => {
  const out = join(opened.folder, "chats");
  const made = await opened.call("dataset.export", { version: "mixed", format: "openai-chat", out });
  expect(made).toMatchObject({ folder: out, read: 7, written: made.read - made.refused });
  expect(Object.values(made.refusals).reduce((sum, count) => sum + count, 0)).toBe(made.refused);
  expect(made.refused).toBeGreaterThan(0);
  expect(made.files.reduce((sum, file) => sum + file.rows, 0)).toBe(made.rows);
});

test("writes what is not committed yet, and nothing on a dry run", async () => {
  const out = join(opened.folder, "pool");
  const dry = await opened.call("dataset.export", { version: "mixed@pool", out, dryRun: true });
  expect(dry).toMatchObject({ label: "pool", dryRun: true, read: 7, written: 7 });
  expect(existsSync(out)).toBe(false);
  const progress: string[] = [];
  const made = await opened.call("dataset.export", { version: "mixed@pool", out }, { progress: ({ step }) => progress.push(step) });
  expect(made.files.map(({ name, rows }) => [name, rows])).toEqual(dry.files.map(({ name, rows }) => [name, rows]));
  expect(progress.every((step) => step.endsWith("at mixed@pool"))).toBe(true);
});

test.each([
  ["an unknown format, naming the nearest", { version: "mixed", format: "openai-chta" }, "input/invalid", "openai-chat"],
  ["an unknown version", { version: "mixed@7.1" }, "version/not-found", "7.1"],
  ["an unknown dataset", { version: "mixt" }, "dataset/not-found", "mixed"],
  ["a seed that is no whole number", { version: "mixed", seed: 0.5 }, "input/invalid", "seed"],
])("refuses %s", async (_, input, code, told) => {
  await expect(opened.call("dataset.export", input)).rejects.toMatchObject({ code, message: expect.stringContaining(told) });
});

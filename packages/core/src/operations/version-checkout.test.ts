import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openFilledWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openFilledWorkspace();
});
afterAll(() => opened.end());

test("writes a version as Parquet files with its manifest, and knows the folder again", async () => {
  const version = await opened.call("version.create", { dataset: "mixed" });
  const made = await opened.call("version.checkout", { version: "mixed" });
  expect(made).toMatchObject({
    dataset: "mixed",
    label: "1.0",
    rows: 7,
    created: true,
    folder: join(opened.workspace.paths.exports, "mixed-1.0"),
  });
  expect((await readdir(made.folder)).sort()).toEqual([...made.files, "manifest.json"].sort());
  expect(JSON.parse(await readFile(join(made.folder, "manifest.json"), "utf8"))).toMatchObject({
    dataset: "mixed",
    label: version.label,
    rows: 7,
  });
  expect(await opened.call("version.checkout", { version: "mixed@1.0" })).toEqual({ ...made, created: false });
});

test("writes elsewhere when told", async () => {
  const out = join(opened.folder, "plain", "files");
  expect(await opened.call("version.checkout", { version: "mixed@latest", out })).toMatchObject({ folder: out, created: true });
});

test.each([
  ["what is not committed", { version: "mixed@pool" }, "input/invalid", "commit it first"],
  ["an unknown version", { version: "mixed@3.3" }, "version/not-found", "3.3"],
  ["no version", { version: "" }, "input/invalid", "version"],
])("refuses %s", async (_, input, code, told) => {
  await expect(opened.call("version.checkout", input)).rejects.toMatchObject({ code, message: expect.stringContaining(told) });
});

test("refuses a folder that holds something else", async () => {
  await expect(opened.call("version.checkout", { version: "mixed", out: opened.folder })).rejects.toMatchObject({
    code: "dataset/target-not-empty",
  });
});

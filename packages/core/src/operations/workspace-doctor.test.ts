import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { OperationOutput } from "./call.ts";
import { callOperation } from "./call.ts";
import type { TestWorkspace } from "./test-workspace.ts";
import { openFilledWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openFilledWorkspace();
  await opened.call("version.create", { dataset: "mixed" });
});
afterAll(() => opened.end());

function checkOf(
  report: OperationOutput<"workspace.doctor">,
  name: string,
): OperationOutput<"workspace.doctor">["checks"][number] | undefined {
  return report.checks.find((check) => check.name === name);
}

test("a sound workspace is told to be sound, piece by piece", async () => {
  const report = await opened.call("workspace.doctor", {});
  expect(report.checks.map(({ name, status }) => [name, status])).toEqual([
    ["environment", "ok"],
    ["workspace", "ok"],
    ["disk", "ok"],
    ["counters", "ok"],
    ["examples", "ok"],
    ["pool", "ok"],
    ["versions", "ok"],
  ]);
  expect(checkOf(report, "versions")?.message).toContain("1 looked at");
});

test("a counter that was changed behind Tilth's back is a problem with its facet", async () => {
  const database = new DatabaseSync(opened.workspace.paths.pool);
  database.exec("UPDATE counter SET count = count + 5 WHERE facet = 'kind' AND value = 'chat'");
  expect(checkOf(await opened.call("workspace.doctor", {}), "counters")).toMatchObject({
    status: "problem",
    message: expect.stringContaining("kind"),
  });
  database.exec("UPDATE counter SET count = count - 5 WHERE facet = 'kind' AND value = 'chat'");
  database.close();
  expect(checkOf(await opened.call("workspace.doctor", {}), "counters")).toMatchObject({ status: "ok" });
});

test("an object of a version that is gone is a problem", async () => {
  const objects = await readdir(join(opened.workspace.paths.store, "objects"), { recursive: true, withFileTypes: true });
  const chunk = objects.find((entry) => entry.name.endsWith(".parquet"));
  await rm(join(chunk?.parentPath ?? "", chunk?.name ?? ""));
  expect(checkOf(await opened.call("workspace.doctor", {}), "versions")).toMatchObject({
    status: "problem",
    message: expect.stringContaining("missing"),
  });
});

test("where there is no workspace, that is what it says, with the way out", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tilth-none-"));
  const ask = () =>
    callOperation("workspace.doctor", {}, { folder, workspace: () => Promise.reject(new Error("never asked")) }, { actor: "user:test" });
  expect((await ask()).checks).toMatchObject([
    { name: "environment", status: "ok" },
    { name: "workspace", status: "problem", message: expect.stringContaining("tilth init") },
  ]);
  await writeFile(join(folder, "tilth.yaml"), "pakcs: [assistant]\n");
  expect((await ask()).checks.at(-1)).toMatchObject({ status: "problem", message: expect.stringContaining("packs") });
  await rm(folder, { recursive: true });
});

test("refuses what it does not ask for", async () => {
  await expect(opened.call("workspace.doctor", { deep: true })).rejects.toMatchObject({ code: "input/invalid" });
});

import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openFilledWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openFilledWorkspace();
});
afterAll(() => opened.end());

test("finds nothing wrong with what nobody touched, at every level, for all and for one", async () => {
  await opened.call("version.create", { dataset: "mixed" });
  await opened.call("version.create", { dataset: "mixed", where: "kind = chat" });
  for (const level of ["quick", "full", "deep"] as const) {
    const report = await opened.call("version.verify", { level });
    expect(report.problems).toEqual([]);
    expect(report.versions).toBe(level === "quick" ? 1 : 2);
  }
  expect(await opened.call("version.verify", { version: "mixed" })).toMatchObject({ versions: 2 });
  expect(await opened.call("version.verify", { version: "mixed@1.0" })).toMatchObject({ versions: 1 });
});

test("finds a byte that was changed, and names the versions that need it", async () => {
  const objects = await readdir(join(opened.workspace.paths.store, "objects"), { recursive: true, withFileTypes: true });
  const chunk = objects.find((entry) => entry.name.endsWith(".parquet"));
  const path = join(chunk?.parentPath ?? "", chunk?.name ?? "");
  const bytes = await readFile(path);
  bytes.writeUInt8(bytes.readUInt8(64) ^ 1, 64);
  await writeFile(path, bytes);
  const { problems } = await opened.call("version.verify", {});
  expect(problems).toMatchObject([{ object: expect.stringContaining(".parquet"), versions: [expect.stringContaining("mixed@main:1.")] }]);
});

test.each([
  ["an unknown dataset", { version: "mixt" }, "dataset/not-found", "mixed"],
  ["an unknown version", { version: "mixed@9.9" }, "version/not-found", "9.9"],
  ["an unknown level", { level: "deeper" }, "input/invalid", "level"],
])("refuses %s", async (_, input, code, told) => {
  const given = input as Parameters<typeof opened.call<"version.verify">>[1];
  await expect(opened.call("version.verify", given)).rejects.toMatchObject({ code, message: expect.stringContaining(told) });
});

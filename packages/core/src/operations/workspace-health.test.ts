import { rm, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { openFilledWorkspace, openTestWorkspace } from "./test-workspace.ts";

test("a workspace in order is healthy, with the figures that a watch wants", async () => {
  const opened = await openFilledWorkspace();
  const health = await opened.call("workspace.health", {});
  expect(health).toMatchObject({ status: "healthy", directories_ok: true, degraded: [], examples: 7 });
  expect(Date.parse(health.timestamp)).toBeGreaterThan(0);
  expect(health.bytes.pool + health.bytes.wal).toBeGreaterThan(0);
  expect(health.bytes.poolFree).toBeGreaterThan(0);
  await opened.end();
});

test("a pool that cannot be read degrades it, without a word about this machine", async () => {
  const opened = await openTestWorkspace();
  await writeFile(opened.workspace.paths.pool, "this is no pool");
  const health = await opened.call("workspace.health", {});
  expect(health).toMatchObject({ status: "degraded", directories_ok: true, degraded: [{ part: "pool", wayOut: expect.any(String) }] });
  expect(JSON.stringify(health)).not.toContain(opened.folder);
  await opened.end();
});

test("a data folder that is gone degrades it", async () => {
  const opened = await openFilledWorkspace();
  await opened.call("pool.stats", {});
  await rm(opened.workspace.paths.data, { recursive: true });
  expect(await opened.call("workspace.health", {})).toMatchObject({ status: "degraded", directories_ok: false });
  await opened.end();
});

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { framesOf } from "../intake/spool-frames.ts";
import type { TestWorkspace } from "./test-workspace.ts";
import { openFilledWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openFilledWorkspace();
});
afterAll(() => opened.end());

test("corrects what differs from a recount and says what it was", async () => {
  const before = await opened.call("pool.stats", {});
  const database = new DatabaseSync(opened.workspace.paths.pool);
  database.exec("UPDATE counter SET count = count + 5 WHERE facet = 'kind' AND value = 'chat'");
  database.exec("DELETE FROM example_tag");
  database.close();
  const { checks } = await opened.call("workspace.doctor", {});
  expect(checks.find(({ name }) => name === "counters")).toMatchObject({
    status: "problem",
    wayOut: expect.stringContaining("tilth doctor --repair"),
  });
  const repaired = await opened.call("workspace.repair", {});
  expect(repaired).toMatchObject({ counters: [{ facet: "kind", value: "chat", kept: 6, counted: 1 }], repaired: true });
  expect(repaired.tags).toHaveLength(1);
  expect(await opened.call("pool.stats", {})).toEqual(before);
  expect((await opened.call("example.list", { where: "tag = garden" })).examples).toHaveLength(1);
});

test("a sound pool is left as it is", async () => {
  expect(await opened.call("workspace.repair", {})).toEqual({ captured: 0, counters: [], facets: [], tags: [], repaired: true });
});

test("refuses what it does not ask for", async () => {
  await expect(opened.call("workspace.repair", JSON.parse('{"deep":true}'))).rejects.toMatchObject({ code: "input/invalid" });
});

test("what a crash left in the spool is told, and taken in", async () => {
  const { spool } = opened.workspace.paths;
  const event = {
    kind: "example",
    example: { kind: "text", id: "01JGFJJZ00KKE20RWE6YQ7QH7Z", text: "The leeks stay until spring." },
    actor: "key:app",
  };
  await mkdir(spool, { recursive: true });
  await writeFile(join(spool, "01JGFJJZ00KKE20RWE6YQ7QH70.spool"), Buffer.concat([framesOf([JSON.stringify(event)]), Buffer.from("torn")]));
  const spoolCheck = async (): Promise<unknown> =>
    (await opened.call("workspace.doctor", {})).checks.filter(({ name }) => name === "spool");
  expect(await spoolCheck()).toMatchObject([{ status: "warning", message: "captured events wait for the pool in 1 file of .tilth/spool" }]);
  expect((await opened.call("workspace.health", {})).degraded).toMatchObject([{ part: "spool" }]);
  expect(await opened.call("workspace.repair", {})).toMatchObject({ captured: 1 });
  expect((await opened.call("example.show", { id: event.example.id })).example).toMatchObject({ createdBy: "key:app", source: "capture" });
  expect(await spoolCheck()).toEqual([]);
  expect(await opened.call("workspace.health", {})).toMatchObject({ status: "healthy", capture: { lagMs: 0 } });
});

import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openFilledWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openFilledWorkspace();
});
afterAll(() => opened.end());

const lifecycleOf = async (id: string): Promise<string> => (await opened.call("example.show", { id })).example.lifecycle;
const ids = async (where: string): Promise<readonly string[]> =>
  (await opened.call("example.list", { where })).examples.map(({ id }) => id);

test("brings examples back to where they were before", async () => {
  const [active = ""] = await ids("kind = text");
  const [archived = ""] = await ids("kind = chat");
  const storage = await opened.workspace.storage();
  await storage.change([{ id: archived, set: { lifecycle: "archived" } }], { actor: "user:test", atMs: 1, op: "archive" });
  await opened.call("example.trash", { ids: [active, archived] });
  expect(await opened.call("example.restore", { ids: [active, archived] })).toMatchObject({ matched: 2, changed: 2 });
  expect([await lifecycleOf(active), await lifecycleOf(archived)]).toEqual(["active", "archived"]);
});

test("a filter looks only into the trash", async () => {
  const trashed = await opened.call("example.trash", { where: "kind in (rating, steps)" });
  await opened.call("example.trash", { where: "kind = extraction" });
  expect(await opened.call("example.restore", { where: `updatedAt = ${trashed.at}`, dryRun: true })).toMatchObject({
    matched: 2,
    changed: 2,
  });
  expect(await opened.call("example.restore", { where: `updatedAt = ${trashed.at}` })).toMatchObject({ matched: 2, changed: 2 });
  expect(await ids("lifecycle = trashed")).toHaveLength(1);
  expect(await opened.call("example.restore", { dataset: "mixed" })).toMatchObject({ matched: 1, changed: 1 });
});

test("one that is not there leaves the others as they are", async () => {
  const [id = ""] = await ids("kind = steps");
  await opened.call("example.trash", { ids: [id] });
  await expect(opened.call("example.restore", { ids: [id, "01ARZ3NDEKTSV4RRFFQ69G5FAV"] })).rejects.toMatchObject({
    code: "example/not-found",
  });
  expect(await lifecycleOf(id)).toBe("trashed");
  expect(await opened.call("example.restore", { ids: [id, id] })).toMatchObject({ matched: 1, changed: 1 });
});

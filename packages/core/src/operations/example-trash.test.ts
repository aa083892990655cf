import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openFilledWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openFilledWorkspace();
});
afterAll(() => opened.end());

const listed = async (where?: string): Promise<readonly string[]> =>
  (await opened.call("example.list", where === undefined ? {} : { where })).examples.map(({ id }) => id);

test("what is in the trash is in no list and no new version, unless it is asked for", async () => {
  const [id = ""] = await listed("kind = chat");
  expect(await opened.call("example.trash", { ids: [id.slice(0, 26)], reason: "wrong advice" })).toMatchObject({
    matched: 1,
    changed: 1,
    first: [id],
  });
  expect(await listed()).not.toContain(id);
  expect(await listed("lifecycle = trashed")).toEqual([id]);
  expect(await opened.call("version.create", { dataset: "mixed" })).toMatchObject({ rows: 6 });
  expect(await opened.call("example.trash", { ids: [id] })).toMatchObject({ matched: 1, changed: 0 });
});

test("a dry run says what would go", async () => {
  expect(await opened.call("example.trash", { where: "kind in (text, steps)", dryRun: true })).toMatchObject({
    matched: 2,
    changed: 2,
    dryRun: true,
  });
  expect(await listed("kind in (text, steps)")).toHaveLength(2);
});

test("a filter leaves out what lies there already", async () => {
  expect(await opened.call("example.trash", { dataset: "mixed", where: "kind in (chat, text)" })).toMatchObject({ matched: 1, changed: 1 });
});

test("what comes in again is known to lie in the trash", async () => {
  const [id = ""] = await listed("lifecycle = trashed and kind = text");
  const again = await opened.call("example.add", {
    example: { kind: "text", text: "The first frost came on the ninth of October, a week earlier than last year." },
  });
  expect(again).toMatchObject({ status: "duplicate", trashed: true, example: { id, lifecycle: "trashed" } });
});

test("refuses to trash nothing in particular", async () => {
  await expect(opened.call("example.trash", {})).rejects.toMatchObject({ code: "input/invalid" });
});

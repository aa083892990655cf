import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openFilledWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openFilledWorkspace();
});
afterAll(() => opened.end());

test("finds nothing where nothing was changed, and a change where there is one", async () => {
  const storage = await opened.workspace.storage();
  const entry = { atMs: 0, actor: "key:ci", action: "example.list", object: "", detail: { status: 200 } };
  await storage.addAudit([entry, entry, entry]);
  expect(await opened.call("audit.verify", {})).toEqual({ entries: 3, segments: 1, problems: [] });
  await storage.transaction((queries) => queries.updateTable("audit").set({ actor: "user:eve" }).where("seq", "=", 2).execute());
  expect((await opened.call("audit.verify", {})).problems).toMatchObject([{ seq: 2 }]);
});

test("takes no members", async () => {
  const given = { actor: "x" } as Parameters<typeof opened.call<"audit.verify">>[1];
  await expect(opened.call("audit.verify", given)).rejects.toMatchObject({ code: "input/invalid" });
});

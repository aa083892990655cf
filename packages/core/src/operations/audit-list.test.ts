import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openFilledWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openFilledWorkspace();
});
afterAll(() => opened.end());

test("lists who did what, by actor, action and time", async () => {
  const storage = await opened.workspace.storage();
  const entry = { actor: "key:ci", action: "example.list", object: "mixed", detail: { status: 200, filter: "kind = chat", count: 3 } };
  await storage.addAudit([1, 2, 3].map((day) => ({ ...entry, atMs: Date.UTC(2026, 0, day), actor: day === 2 ? "user:ana" : entry.actor })));
  const seqs = async (input: Parameters<typeof opened.call<"audit.list">>[1]) =>
    (await opened.call("audit.list", input)).entries.map(({ seq }) => seq);
  expect(await seqs({})).toEqual([3, 2, 1]);
  expect(await seqs({ actor: "user:ana" })).toEqual([2]);
  expect(await seqs({ since: "2026-01-02", until: "2026-01-03T00:00:00Z" })).toEqual([2]);
  expect(await seqs({ action: "example.show" })).toEqual([]);
  const page = await opened.call("audit.list", { limit: 1 });
  expect(page.entries[0]).toMatchObject({ at: "2026-01-03T00:00:00.000Z", ...entry, hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(await seqs({ limit: 2, cursor: page.next ?? "" })).toEqual([2, 1]);
});

test.each([
  ["a time that is none", { since: "yesterday" }, "since"],
  ["a cursor that is not its own", { cursor: "x" }, "cursor"],
])("refuses %s", async (_, input, told) => {
  await expect(opened.call("audit.list", input)).rejects.toMatchObject({ code: "input/invalid", message: expect.stringContaining(told) });
});

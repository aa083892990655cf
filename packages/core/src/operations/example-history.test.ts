import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openTestWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
let id: string;
beforeAll(async () => {
  opened = await openTestWorkspace();
  const { example } = await opened.call("example.add", {
    example: {
      kind: "chat",
      messages: [
        { role: "user", content: "How deep do I sow beans?" },
        { role: "assistant", content: "Half a metre deep, in May." },
      ],
      topic: "beans",
    },
  });
  id = example.id;
});
afterAll(() => opened.end());

test("an example nobody changed has only its beginning", async () => {
  const history = await opened.call("example.history", { id });
  expect(history).toMatchObject({ id, rev: 1, createdBy: "user:test", revisions: [] });
});

test("tells each change by its fields, newest first, with who made it and why", async () => {
  await opened.call(
    "example.edit",
    { id, set: { output: "Four centimetres deep, in May.", topic: null }, reason: "too deep" },
    { actor: "user:ana" },
  );
  await opened.call("example.tag", { ids: [id], add: ["spring"] }, { actor: "user:ben" });
  await opened.call("example.trash", { ids: [id] }, { actor: "user:cem" });
  const { rev, revisions } = await opened.call("example.history", { id });
  expect(rev).toBe(4);
  expect(revisions).toEqual([
    {
      rev: 4,
      at: expect.any(String),
      actor: "user:cem",
      op: "trash",
      changed: [{ field: "lifecycle", before: "active", after: "trashed" }],
    },
    { rev: 3, at: expect.any(String), actor: "user:ben", op: "tag", changed: [{ field: "tags", before: [], after: ["spring"] }] },
    {
      rev: 2,
      at: expect.any(String),
      actor: "user:ana",
      op: "edit",
      reason: "too deep",
      changed: [
        { field: "messages[1].content", before: "Half a metre deep, in May.", after: "Four centimetres deep, in May." },
        { field: "topic", before: "beans" },
      ],
    },
  ]);
});

test("a score that was computed anew is told with the one before", async () => {
  await opened.call("example.restore", { ids: [id] });
  await opened.call("example.edit", { id, set: { output: "Four to five centimetres deep. ".repeat(30).trim() }, score: true });
  const [last] = (await opened.call("example.history", { id })).revisions;
  expect(last?.changed).toContainEqual({ field: "quality.score", before: expect.any(Number), after: expect.any(Number) });
});

test("an unknown id is not found", async () => {
  await expect(opened.call("example.history", { id: "01ARZ3NDEKTSV4RRFFQ69G5FAV" })).rejects.toMatchObject({ code: "example/not-found" });
});

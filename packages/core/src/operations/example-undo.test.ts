import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Json } from "../schema/json.ts";
import type { TestWorkspace } from "./test-workspace.ts";
import { openTestWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openTestWorkspace({ packs: ["assistant"] });
});
afterAll(() => opened.end());

async function addText(text: string, more: Readonly<Record<string, Json>> = {}): Promise<string> {
  return (await opened.call("example.add", { example: { kind: "text", text, ...more } })).example.id;
}

test("brings back what the last edit replaced, and its findings", async () => {
  const { example } = await opened.call("example.add", {
    example: {
      kind: "chat",
      messages: [
        { role: "user", content: "Whom do I ask about slugs?" },
        { role: "assistant", content: "Ask the neighbour, she has kept ducks for years and then..." },
      ],
    },
  });
  const { id } = example;
  const first = await opened.call("example.show", { id });
  expect(first.findings.map(({ rule }) => rule)).toContain("truncated");
  const edited = await opened.call("example.edit", { id, set: { output: "Ask the neighbour, she has kept ducks for years." } });
  expect(edited.findings.map(({ rule }) => rule)).not.toContain("truncated");
  const undone = await opened.call("example.undo", { id });
  expect(undone).toMatchObject({
    example: { rev: 3, contentHash: first.example.contentHash },
    changed: [{ field: "messages[1].content", after: "Ask the neighbour, she has kept ducks for years and then..." }],
  });
  expect(undone.findings).toEqual(first.findings);
  expect((await opened.call("example.undo", { id })).example.contentHash).toBe(edited.example.contentHash);
  expect((await opened.call("example.history", { id })).revisions.map(({ op }) => op)).toEqual(["undo", "undo", "edit"]);
});

test("a score comes back as it was, with what it was made of", async () => {
  const id = await addText("The first frost came on the ninth of October, a week earlier than last year.");
  const { example: before } = await opened.call("example.show", { id });
  const scored = await opened.call("example.edit", { id, set: { text: "Frost again. ".repeat(60).trim() }, score: true });
  expect(scored.example.quality).not.toEqual(before.quality);
  expect((await opened.call("example.undo", { id })).example.quality).toEqual(before.quality);
});

test("takes back tags and a trashing without asking a rule", async () => {
  const id = await addText("Peas like it cool.", { tags: ["peas"] });
  await opened.call("example.tag", { ids: [id], add: ["a", "b"], remove: ["peas"] });
  expect(await opened.call("example.undo", { id })).toMatchObject({ example: { tags: ["peas"] }, redacted: {} });
  await opened.call("example.trash", { ids: [id] });
  expect(await opened.call("example.undo", { id, reason: "by mistake" })).toMatchObject({
    example: { lifecycle: "active" },
    changed: [{ field: "lifecycle", before: "trashed", after: "active" }],
  });
  expect((await opened.call("example.history", { id })).revisions[0]).toMatchObject({
    op: "undo",
    reason: "by mistake",
    actor: "user:test",
  });
});

test("edit and undo end where they began, whatever was edited", async () => {
  const id = await addText("Beans like it warm.", { topic: "beans", complexity: 3 });
  const words = fc.array(fc.constantFrom("frost", "hoe", "bed", "compost", "rain"), { minLength: 1, maxLength: 6 });
  const set = fc.record(
    {
      text: words.map((list) => `Sow ${list.join(" ")}.`),
      topic: fc.option(fc.constantFrom("beds", "slugs"), { nil: null }),
      complexity: fc.integer({ min: 1, max: 10 }),
      tags: fc.uniqueArray(fc.constantFrom("a", "b", "c")).map((list) => list.join(",")),
      "metadata.bed": fc.integer(),
    },
    { requiredKeys: [] },
  );
  const property = fc.asyncProperty(set, fc.boolean(), async (edit, score) => {
    const { rev: _rev, updatedAt: _at, ...before } = (await opened.call("example.show", { id })).example;
    const { changed } = await opened.call("example.edit", { id, set: edit, score });
    if (changed.length === 0) return;
    expect((await opened.call("example.undo", { id })).example).toMatchObject(before);
  });
  await fc.assert(property, { numRuns: 40 });
});

test("what came in cannot be undone, and a newer revision is not undone by mistake", async () => {
  const id = await addText("Leeks stand the winter.");
  await expect(opened.call("example.undo", { id })).rejects.toMatchObject({ code: "example/nothing-to-undo", kind: "conflict" });
  await opened.call("example.edit", { id, set: { topic: "leeks" } });
  await opened.call("example.edit", { id, set: { topic: "winter" } });
  await expect(opened.call("example.undo", { id, rev: 2 })).rejects.toMatchObject({
    code: "example/stale",
    details: { current: 3, given: 2 },
  });
  expect((await opened.call("example.undo", { id, rev: 3 })).example.topic).toBe("leeks");
});

test("where another example says the same by now, nothing is brought back", async () => {
  const id = await addText("Kale is sown in May.");
  await opened.call("example.edit", { id, set: { text: "Kale is sown in June." } });
  const twin = await addText("Kale is sown in May.");
  await expect(opened.call("example.undo", { id })).rejects.toMatchObject({
    code: "example/equal",
    message: expect.stringContaining(twin),
  });
  expect((await opened.call("example.show", { id })).example).toMatchObject({ text: "Kale is sown in June.", rev: 2 });
});

import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openFilledWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openFilledWorkspace();
});
afterAll(() => opened.end());

test("finds by words, whatever their case, and says where and of what kind", async () => {
  const { hits, pending } = await opened.call("example.search", { query: "FROST october" });
  expect(pending).toBe(0);
  expect(hits).toMatchObject([{ kind: "text", domain: "general", snippet: { field: "input" } }]);
  const { text, marks } = hits[0]?.snippet ?? { text: "", marks: [] };
  expect(marks.map(({ start, end }) => [...text].slice(start, end).join(""))).toEqual(["frost", "October"]);
});

test("within a dataset and a filter, page by page", async () => {
  const first = await opened.call("example.search", { query: "in", dataset: "mixed", limit: 1 });
  expect(first.hits).toHaveLength(1);
  const { next: cursor = "" } = first;
  const second = await opened.call("example.search", { query: "in", dataset: "mixed", limit: 1_000, cursor });
  expect(second.hits.map(({ id }) => id)).not.toContain(first.hits[0]?.id);
  expect((await opened.call("example.search", { query: "in", where: "kind = extraction" })).hits.map(({ kind }) => kind)).toEqual([
    "extraction",
  ]);
});

test("an edited example is found by what it says now", async () => {
  const [hit] = (await opened.call("example.search", { query: "compost" })).hits;
  await opened.call("example.edit", { id: hit?.id ?? "", set: { entities: [], text: "Order two bags of gravel for Friday" } });
  expect((await opened.call("example.search", { query: "compost" })).hits).toEqual([]);
  expect((await opened.call("example.search", { query: "gravel" })).hits).toMatchObject([{ id: hit?.id }]);
});

test("what lies in the trash is not found until it is restored", async () => {
  const [hit] = (await opened.call("example.search", { query: "potatoes tomatoes" })).hits;
  await opened.call("example.trash", { ids: [hit?.id ?? ""] });
  expect((await opened.call("example.search", { query: "potatoes tomatoes" })).hits).toEqual([]);
  await opened.call("example.restore", { ids: [hit?.id ?? ""] });
  expect((await opened.call("example.search", { query: "potatoes tomatoes" })).hits).toHaveLength(1);
});

test("a query without a word finds nothing", async () => {
  expect(await opened.call("example.search", { query: "—" })).toEqual({ hits: [], pending: 0 });
});

test.each([
  ["an unknown dataset", { query: "x", dataset: "mixt" }, "dataset/not-found", "mixed"],
  ["a filter it cannot read", { query: "x", where: "knd = text" }, "filter/unknown-field", "kind"],
  ["a cursor that is not ours", { query: "frost", cursor: "soon" }, "input/invalid", "cursor"],
])("refuses %s", async (_, input, code, told) => {
  await expect(opened.call("example.search", input)).rejects.toMatchObject({ code, message: expect.stringContaining(told) });
});

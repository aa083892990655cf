import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openFilledWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openFilledWorkspace();
});
afterAll(() => opened.end());

test("makes a dataset with an id of its own name", async () => {
  const made = await opened.call("dataset.create", { name: " Bäume & Büsche ", description: "What grows tall." });
  expect(made).toMatchObject({
    id: "baume-busche",
    name: "Bäume & Büsche",
    description: "What grows tall.",
    members: 0,
    recipe: { format: 1, from: "members" },
    createdBy: "user:test",
  });
  expect(made.latest).toBeUndefined();
});

test("keeps the recipe for what is committed later", async () => {
  await opened.call("dataset.create", { name: "Texts", from: "pool", where: "kind = text" });
  expect((await opened.call("dataset.show", { dataset: "texts" })).recipe).toEqual({ format: 1, from: "pool", where: "kind = text" });
  expect(await opened.call("version.create", { dataset: "texts" })).toMatchObject({ rows: 1 });
});

test.each([
  ["a name that is taken", { name: "mixed" }, "dataset/exists", "mixed"],
  ["a name of blanks", { name: "  " }, "input/invalid", "name"],
  ["a filter that could never be committed", { name: "Wrong", where: "kindness = chat" }, "filter/unknown-field", "kind"],
  ["a member it does not know", { name: "Wrong", form: "pool" }, "input/invalid", "form"],
])("refuses %s", async (_, input, code, told) => {
  await expect(opened.call("dataset.create", input)).rejects.toMatchObject({ code, message: expect.stringContaining(told) });
  expect((await opened.call("dataset.list", {})).datasets.map(({ name }) => name)).not.toContain("Wrong");
});

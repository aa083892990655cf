import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openFilledWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openFilledWorkspace();
});
afterAll(() => opened.end());

test("shows a dataset by its name or id", async () => {
  await opened.call("dataset.create", { name: "Late Frosts", description: "Notes on frost" });
  const byId = await opened.call("dataset.show", { dataset: "late-frosts" });
  expect(byId).toMatchObject({ id: "late-frosts", name: "Late Frosts", description: "Notes on frost", members: 0 });
  expect(await opened.call("dataset.show", { dataset: "Late Frosts" })).toEqual(byId);
});

test("counts members", async () => {
  expect(await opened.call("dataset.show", { dataset: "mixed" })).toMatchObject({ members: 7, createdBy: "user:test" });
});

test.each([
  ["one that is not there, naming the nearest", { dataset: "mixd" }, "dataset/not-found", "mixed"],
  ["no name", { dataset: "" }, "input/invalid", "dataset"],
])("refuses %s", async (_, input, code, told) => {
  await expect(opened.call("dataset.show", input)).rejects.toMatchObject({ code, message: expect.stringContaining(told) });
});

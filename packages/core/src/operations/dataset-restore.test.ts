import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openFilledWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openFilledWorkspace();
  await opened.call("dataset.create", { name: "Late Frosts" });
});
afterAll(() => opened.end());

test("brings a dataset back by its name or id", async () => {
  for (const dataset of ["late-frosts", "Late Frosts"]) {
    await opened.call("dataset.delete", { dataset });
    expect(await opened.call("dataset.restore", { dataset })).toMatchObject({ id: "late-frosts", name: "Late Frosts" });
    expect(await opened.call("dataset.show", { dataset })).toMatchObject({ id: "late-frosts" });
  }
});

test("refuses one that is not in the trash, naming those that are", async () => {
  await expect(opened.call("dataset.restore", { dataset: "mixed" })).rejects.toThrow("No dataset lies in the trash.");
  await opened.call("dataset.delete", { dataset: "late-frosts" });
  await expect(opened.call("dataset.restore", { dataset: "mixed" })).rejects.toMatchObject({
    code: "dataset/not-found",
    message: expect.stringContaining("late-frosts"),
  });
});

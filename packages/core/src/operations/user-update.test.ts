import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openFilledWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openFilledWorkspace();
});
afterAll(() => opened.end());

test("changes the role, the datasets, or both; what is not named stays", async () => {
  await opened.call("user.create", { name: "ana", role: "editor" });
  expect(await opened.call("user.update", { user: "ana", datasets: ["mixed"] })).toMatchObject({ role: "editor", datasets: ["mixed"] });
  expect(await opened.call("user.update", { user: "ana", role: "viewer" })).toMatchObject({ role: "viewer", datasets: ["mixed"] });
  expect(await opened.call("user.update", { user: "ana", datasets: "all" })).not.toHaveProperty("datasets");
});

test.each([
  ["an unknown user", { user: "anna", role: "admin" }, "auth/not-found", "ana"],
  ["an unknown role", { user: "ana", role: "owner" }, "input/invalid", "role"],
  ["an unknown dataset", { user: "ana", datasets: ["mixt"] }, "dataset/not-found", "mixed"],
])("refuses %s", async (_, input, code, told) => {
  const given = input as Parameters<typeof opened.call<"user.update">>[1];
  await expect(opened.call("user.update", given)).rejects.toMatchObject({ code, message: expect.stringContaining(told) });
});

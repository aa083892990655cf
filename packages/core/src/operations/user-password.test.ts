import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openFilledWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openFilledWorkspace();
});
afterAll(() => opened.end());

test("sets a password that is given, or makes one", async () => {
  const { password } = await opened.call("user.create", { name: "ana" });
  expect(await opened.call("user.password", { user: "ana", password: "four beds of broad beans" })).not.toHaveProperty("password");
  const again = await opened.call("user.password", { user: "ana" });
  expect(again.password).toMatch(/^[a-z1-9-]{29}$/);
  expect(again.password).not.toBe(password);
});

test.each([
  ["an unknown user", { user: "anna" }, "auth/not-found", "ana"],
  ["a short password", { user: "ana", password: "beans" }, "auth/weak-password", "12"],
])("refuses %s", async (_, input, code, told) => {
  await expect(opened.call("user.password", input)).rejects.toMatchObject({ code, message: expect.stringContaining(told) });
});

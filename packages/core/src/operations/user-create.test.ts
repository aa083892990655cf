import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openFilledWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openFilledWorkspace();
});
afterAll(() => opened.end());

test("makes a user with a password of their own, or with one that is made and told once", async () => {
  const ana = await opened.call("user.create", {
    name: "Ana",
    role: "reviewer",
    password: "four beds of broad beans",
    datasets: ["mixed"],
  });
  expect(ana).toMatchObject({ name: "ana", role: "reviewer", datasets: ["mixed"], hasPassword: true, createdBy: "user:test" });
  expect(ana).not.toHaveProperty("password");
  const ben = await opened.call("user.create", { name: "ben" });
  expect(ben).toMatchObject({ role: "viewer", password: expect.stringMatching(/^[a-z1-9-]{29}$/) });
  expect(JSON.stringify(await opened.call("user.list", {}))).not.toContain(ben.password);
});

test.each([
  ["a name that is taken", { name: "ana", password: "four beds of broad beans" }, "auth/exists", "ana"],
  ["a short password", { name: "cleo", password: "beans" }, "auth/weak-password", "12"],
  ["an unknown role", { name: "cleo", role: "owner" }, "input/invalid", "role"],
  ["an unknown dataset", { name: "cleo", datasets: ["mixt"] }, "dataset/not-found", "mixed"],
])("refuses %s, and repeats no password", async (_, input, code, told) => {
  const given = input as Parameters<typeof opened.call<"user.create">>[1];
  const refused = await opened.call("user.create", given).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code, message: expect.stringContaining(told) });
  if ("password" in input) expect(String(refused)).not.toContain(`${input.password}`.slice(0, 9));
});

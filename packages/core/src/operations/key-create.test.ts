import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openFilledWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openFilledWorkspace();
});
afterAll(() => opened.end());

test("makes a key with the scopes of a role, or with scopes of its own, for some days and datasets", async () => {
  const { key, ...made } = await opened.call("key.create", { name: "CI", role: "editor" });
  expect(key).toMatch(/^tilth_\w{8}_/);
  expect(made).toMatchObject({ name: "ci", createdBy: "user:test", scopes: { length: 4 } });
  expect(made.expiresAt).toBeUndefined();
  const limited = await opened.call("key.create", {
    name: "mixed-reader",
    scopes: ["training_data:read"],
    datasets: ["mixed"],
    expiresInDays: 7,
  });
  expect(limited).toMatchObject({ scopes: ["training_data:read"], datasets: ["mixed"] });
  expect(Date.parse(limited.expiresAt ?? "") - Date.parse(limited.createdAt)).toBe(7 * 86_400_000);
});

test("gives the least right where none is named", async () => {
  expect((await opened.call("key.create", { name: "plain" })).scopes).toEqual(["training_data:read"]);
});

test.each([
  ["a name that is taken", { name: "plain" }, "auth/exists", "plain"],
  ["a name of other signs", { name: "my key" }, "input/invalid", "name"],
  ["a role and scopes at once", { name: "both", role: "viewer", scopes: ["training_data:read"] }, "input/invalid", "role"],
  ["an unknown scope", { name: "odd", scopes: ["training_data:everything"] }, "input/invalid", "scopes"],
  ["an unknown dataset", { name: "odd", datasets: ["mixt"] }, "dataset/not-found", "mixed"],
  ["an expiry of no time", { name: "odd", expiresInDays: 0 }, "input/invalid", "expiresInDays"],
])("refuses %s", async (_, input, code, told) => {
  const given = input as Parameters<typeof opened.call<"key.create">>[1];
  await expect(opened.call("key.create", given)).rejects.toMatchObject({ code, message: expect.stringContaining(told) });
});

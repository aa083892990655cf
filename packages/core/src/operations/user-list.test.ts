import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openFilledWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openFilledWorkspace();
});
afterAll(() => opened.end());

test("lists users by name", async () => {
  for (const name of ["cleo", "ana", "ben"]) await opened.call("user.create", { name });
  await opened.call("user.remove", { user: "ben" });
  expect((await opened.call("user.list", {})).users.map(({ name }) => name)).toEqual(["ana", "cleo"]);
});

test("takes no filter", async () => {
  const given = { role: "admin" } as Parameters<typeof opened.call<"user.list">>[1];
  await expect(opened.call("user.list", given)).rejects.toMatchObject({ code: "input/invalid" });
});

import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openFilledWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openFilledWorkspace();
});
afterAll(() => opened.end());

test("removes a user, once", async () => {
  await opened.call("user.create", { name: "ana" });
  expect(await opened.call("user.remove", { user: "ana" })).toMatchObject({ name: "ana", hasPassword: false });
  expect((await opened.call("user.list", {})).users).toEqual([]);
  await expect(opened.call("user.remove", { user: "ana" })).rejects.toMatchObject({ code: "auth/not-found" });
});

import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openFilledWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openFilledWorkspace();
});
afterAll(() => opened.end());

test("revokes a key by name or prefix, once", async () => {
  const { prefix } = await opened.call("key.create", { name: "one" });
  await opened.call("key.create", { name: "two" });
  expect(await opened.call("key.revoke", { key: prefix })).toMatchObject({ name: "one", revokedBy: "user:test" });
  expect(await opened.call("key.revoke", { key: "two" })).toMatchObject({ name: "two" });
  await expect(opened.call("key.revoke", { key: "two" })).rejects.toMatchObject({ code: "auth/not-found" });
});

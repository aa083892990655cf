import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openFilledWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openFilledWorkspace();
});
afterAll(() => opened.end());

test("lists keys, newest first, without their secrets and with those that are revoked", async () => {
  const secrets = [(await opened.call("key.create", { name: "one" })).key, (await opened.call("key.create", { name: "two" })).key];
  await opened.call("key.revoke", { key: "one" });
  const { keys } = await opened.call("key.list", {});
  expect(keys.map(({ name, revokedBy }) => [name, revokedBy])).toEqual([
    ["two", undefined],
    ["one", "user:test"],
  ]);
  for (const secret of secrets) expect(JSON.stringify(keys)).not.toContain(secret.slice(15));
});

test("takes no filter", async () => {
  const given = { name: "one" } as Parameters<typeof opened.call<"key.list">>[1];
  await expect(opened.call("key.list", given)).rejects.toMatchObject({ code: "input/invalid" });
});

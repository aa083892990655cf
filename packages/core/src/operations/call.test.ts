import { expect, test } from "vitest";
import type { OperationName } from "./call.ts";
import { callOperation } from "./call.ts";

const host = { folder: ".", workspace: () => Promise.reject(new Error("opened too early")) };
const context = { actor: "user:test" };

test("an input that does not fit is refused before the workspace is opened, with the member and the problem", async () => {
  const call = callOperation("example.list", { limit: 0 }, host, context);
  await expect(call).rejects.toMatchObject({ code: "input/invalid", details: { where: "limit" } });
});

test("a member inside of another is named by its path", async () => {
  const call = callOperation("example.import", { file: "x", tags: ["fine", ""] }, host, context);
  await expect(call).rejects.toMatchObject({ details: { where: "tags.1" } });
});

test("where the input as a whole is wrong, the operation is named", async () => {
  await expect(callOperation("pool.stats", { more: 1 }, host, context)).rejects.toMatchObject({ details: { where: "pool.stats" } });
});

test("a name that no operation has is refused", async () => {
  // A caller without types: a route, a script.
  const name: OperationName = JSON.parse('"example.imprt"');
  await expect(callOperation(name, {}, host, context)).rejects.toMatchObject({
    code: "input/invalid",
    message: expect.stringContaining("example.imprt"),
  });
});

test("what opening the workspace throws reaches the caller", async () => {
  await expect(callOperation("pool.stats", {}, host, context)).rejects.toThrow("opened too early");
});

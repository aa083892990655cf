import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openFilledWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openFilledWorkspace();
});
afterAll(() => opened.end());

test("shows an example with its findings and where it belongs, by the whole id or its start", async () => {
  const [listed] = (await opened.call("example.list", { where: "kind = preference" })).examples;
  const shown = await opened.call("example.show", { id: listed?.id ?? "" });
  expect(shown.example).toEqual(listed);
  expect(shown.datasets).toEqual(["mixed"]);
  expect(await opened.call("example.show", { id: listed?.id.slice(0, 25).toLowerCase() ?? "" })).toEqual(shown);
});

test("tells each finding with its place", async () => {
  const file = await opened.writeRows("cut.jsonl", [{ question: "And then?", answer: "Then the rain came over the hill and ..." }]);
  await opened.call("example.import", { file, format: "prompt-response" });
  const [cut] = (await opened.call("example.list", { limit: 1 })).examples;
  const { findings, datasets } = await opened.call("example.show", { id: cut?.id ?? "" });
  expect(findings).toContainEqual(expect.objectContaining({ rule: "truncated", at: expect.stringContaining("/messages/1") }));
  expect(datasets).toEqual([]);
});

test.each([
  ["an id that nobody has", { id: "01JD0000000000000000000009" }, "example/not-found", "01JD0000000000000000000009"],
  ["a start that several share", { id: "01M7" }, "example/", "01M7"],
  ["too short a start", { id: "01" }, "input/invalid", "four characters"],
])("refuses %s", async (_, input, code, told) => {
  await expect(opened.call("example.show", input)).rejects.toMatchObject({
    code: expect.stringContaining(code),
    message: expect.stringContaining(told),
  });
});

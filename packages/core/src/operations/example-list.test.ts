import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openFilledWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openFilledWorkspace();
});
afterAll(() => opened.end());

test("lists newest first, page by page, each example once", async () => {
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await opened.call("example.list", { limit: 3, ...(cursor === undefined ? {} : { cursor }) });
    seen.push(...page.examples.map(({ id }) => id));
    cursor = page.next;
  } while (cursor !== undefined);
  expect(seen).toHaveLength(7);
  expect(seen).toEqual(seen.toSorted().toReversed());
});

test("lists what a filter fits, whatever its kind", async () => {
  for (const kind of ["chat", "preference", "rating", "text", "classification", "extraction", "steps"]) {
    const { examples } = await opened.call("example.list", { where: `kind = ${kind}` });
    expect(examples.map((example) => example.kind)).toEqual([kind]);
  }
  expect((await opened.call("example.list", { where: 'text contains "frost"' })).examples).toHaveLength(1);
  expect((await opened.call("example.list", { where: "tag has garden" })).examples).toMatchObject([{ kind: "chat", tags: ["garden"] }]);
});

test("lists the members of a dataset alone", async () => {
  await opened.call("dataset.create", { name: "Empty" });
  expect(await opened.call("example.list", { dataset: "Empty" })).toEqual({ examples: [] });
  expect((await opened.call("example.list", { dataset: "mixed" })).examples).toHaveLength(7);
});

test.each([
  ["a filter it cannot read", { where: "qualty.tier = gold" }, "filter/unknown-field", "quality.tier"],
  ["a cursor that is not its own", { cursor: "../etc" }, "input/invalid", "cursor"],
  ["a page without rows", { limit: 0 }, "input/invalid", "limit"],
  ["a page too large", { limit: 1_001 }, "input/invalid", "limit"],
  ["an unknown dataset", { dataset: "mixt" }, "dataset/not-found", "mixed"],
])("refuses %s", async (_, input, code, told) => {
  await expect(opened.call("example.list", input)).rejects.toMatchObject({ code, message: expect.stringContaining(told) });
});

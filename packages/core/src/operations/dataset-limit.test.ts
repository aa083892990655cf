import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { OperationName } from "./call.ts";
import type { TestWorkspace } from "./test-workspace.ts";
import { oneOfEachKind, openFilledWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
let [inside, outside] = ["", ""];
const limited = { actor: "key:ci", datasets: new Set(["mixed"]) };

beforeAll(async () => {
  opened = await openFilledWorkspace();
  await opened.call("dataset.create", { name: "Other" });
  inside = (await opened.call("example.list", { dataset: "mixed" })).examples[0]?.id ?? "";
  const added = await opened.call("example.add", {
    dataset: "Other",
    example: { kind: "text", text: "The second frost came a week later, on a Sunday." },
  });
  outside = added.example.id;
  for (const dataset of ["mixed", "other"]) await opened.call("version.create", { dataset });
});
afterAll(() => opened.end());

/** The code of what refuses a call, or `done`. */
async function codeOf(name: OperationName, input: object): Promise<unknown> {
  // A caller without types: a route.
  return opened.call(name, input as never, limited).then(
    () => "done",
    (error: unknown) => (error instanceof Error && "code" in error ? error.code : error),
  );
}

const refused = "auth/dataset-forbidden";

describe("who reaches one dataset", () => {
  test("sees that one in the list, and in the trash nothing of others", async () => {
    expect((await opened.call("dataset.list", {}, limited)).datasets.map(({ id }) => id)).toEqual(["mixed"]);
    await opened.call("dataset.delete", { dataset: "other" });
    expect((await opened.call("dataset.list", { trashed: true }, limited)).datasets).toEqual([]);
    await opened.call("dataset.restore", { dataset: "other" });
  });

  test.each<[OperationName, object, object]>([
    ["dataset.show", { dataset: "mixed" }, { dataset: "other" }],
    ["example.list", { dataset: "mixed" }, { dataset: "other" }],
    ["example.search", { dataset: "mixed", query: "frost" }, { dataset: "other", query: "frost" }],
    ["version.list", { dataset: "mixed" }, { dataset: "other" }],
    ["version.show", { version: "mixed@1.0" }, { version: "other@1.0" }],
    ["version.diff", { before: "mixed@1.0", after: "mixed@pool" }, { before: "mixed@1.0", after: "other@1.0" }],
    ["version.verify", { version: "mixed" }, { version: "other" }],
    ["dataset.export", { version: "mixed@1.0", dryRun: true }, { version: "other@1.0", dryRun: true }],
    ["example.tag", { dataset: "mixed", add: ["x"], dryRun: true }, { dataset: "other", add: ["x"], dryRun: true }],
  ])("%s: this one, no other", async (name, own, foreign) => {
    expect([await codeOf(name, own), await codeOf(name, foreign)]).toEqual(["done", refused]);
  });

  test.each<OperationName>(["example.show", "example.history"])("%s: an example of it, no other", async (name) => {
    expect([
      await codeOf(name, { id: inside }),
      await codeOf(name, { id: outside }),
      await codeOf(name, { id: inside.toLowerCase() }),
    ]).toEqual(["done", refused, "done"]);
  });

  test("what is alike is looked for in it alone, and shown of it alone", async () => {
    const ids = new Set((await opened.call("example.list", { dataset: "mixed" })).examples.map(({ id }) => id));
    const frost = "The second frost came a week later, on a Sunday.";
    const { neighbours } = await opened.call("example.similar", { id: inside, dataset: "mixed", limit: 1_000 }, limited);
    const { one } = await opened.call("text.check", { text: frost, dataset: "mixed" }, limited);
    const { pairs } = await opened.call("duplicate.suggest", { dataset: "mixed", threshold: 0.01, limit: 1_000 }, limited);
    const shown = [
      ...neighbours.map(({ id }) => id),
      ...(one?.nearest === undefined ? [] : [one.nearest.id]),
      ...pairs.first.flatMap(({ first, second }) => [first.id, second.id]),
    ];
    expect(shown.length).toBeGreaterThan(0);
    expect(shown.filter((id) => !ids.has(id))).toEqual([]);
    expect((await opened.call("text.check", { text: frost })).one?.nearest?.id).toBe(outside);
    for (const [name, input] of [
      ["example.similar", { id: inside }],
      ["example.similar", { id: outside, dataset: "mixed" }],
      ["example.similar", { id: inside, dataset: "other" }],
    ] as const)
      expect(await codeOf(name, input)).toBe(refused);
  });

  test("of many examples each has to be of it", async () => {
    const tag = (ids: readonly string[]) => codeOf("example.tag", { ids, add: ["x"], dryRun: true });
    expect([await tag([inside]), await tag([inside, outside])]).toEqual(["done", refused]);
  });

  test.each<[OperationName, object]>([
    ["example.list", {}],
    ["example.search", { query: "frost" }],
    ["example.tag", { where: "kind = text", add: ["x"] }],
    ["example.trash", { where: "kind = text" }],
    ["example.add", { example: oneOfEachKind[0] }],
    ["example.import", { file: "x.jsonl" }],
    ["dataset.create", { name: "Mine" }],
    ["version.verify", {}],
    ["version.create", { dataset: "mixed", from: "pool" }],
    ["pool.stats", {}],
    ["text.check", { text: "frost" }],
    ["duplicate.list", {}],
    ["duplicate.suggest", {}],
    ["duplicate.undo", {}],
    ["freshness.check", {}],
    ["example.dedupe", {}],
    ["threshold.set", { threshold: 0.5 }],
    ["key.list", {}],
    ["user.list", {}],
    ["audit.list", {}],
    ["workspace.doctor", {}],
    ["workspace.backup", { folder: "x" }],
  ])("%s over more than that is refused", async (name, input) => {
    expect(await codeOf(name, input)).toBe(refused);
  });

  test("the refusal names the datasets that are reached", async () => {
    await expect(opened.call("example.list", {}, limited)).rejects.toThrow(/key:ci reaches some datasets only.*mixed/);
  });
});

test("who reaches all datasets is not held up", async () => {
  expect((await opened.call("dataset.list", {})).datasets).toHaveLength(2);
  expect((await opened.call("example.show", { id: outside })).example.id).toBe(outside);
});

test("nobody who reaches no dataset any more sees one", async () => {
  const nobody = { actor: "key:ci", datasets: new Set<string>() };
  expect((await opened.call("dataset.list", {}, nobody)).datasets).toEqual([]);
  await expect(opened.call("dataset.show", { dataset: "mixed" }, nobody)).rejects.toMatchObject({ code: refused });
});

import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestProgram } from "../test-program.ts";
import { openTestProgram } from "../test-program.ts";

const ROWS = 150;

let program: TestProgram;
beforeAll(async () => {
  program = await openTestProgram([]);
  const rows = Array.from({ length: ROWS }, (_, index) => ({
    kind: "text",
    text: `Bed number ${index} is sown.`,
    project: index < 5 ? "south" : "north",
  }));
  await program.tilth("import", await program.writeRows("beds.jsonl", rows), "--format", "tilth", "--dataset", "Beds");
});
afterAll(() => program.end());

const tagged = async (tag: string): Promise<unknown> =>
  ((await program.json(0, "stats")) as { facets: { tag?: Record<string, number> } }).facets.tag?.[tag];

test("tags many by a filter; in a script nobody is asked", async () => {
  const { code, out } = await program.tilth("tag", "--where", "project = north", "--add", "cold");
  expect(code).toBe(0);
  expect(out).toContain("✓ Tagged 145 examples");
  expect(await tagged("cold")).toBe(145);
});

test("the printed line takes exactly that back", async () => {
  await program.tilth("tag", "--where", "project = south", "--add", "warm bed");
  const { out } = await program.tilth("tag", "--dataset", "Beds", "--add", "warm bed");
  expect(out).toContain("✓ Tagged 145 examples (5 more needed no change)");
  const [, where = "", tag = ""] = /tilth tag --where '(.*)' --remove '(.*)' +undo/.exec(out) ?? [];
  expect(await program.json(0, "tag", "--where", where, "--remove", tag)).toMatchObject({ changed: 145 });
  expect(await tagged("warm bed")).toBe(5);
});

test("a few are named by their ids; of several tags none can be taken back blindly", async () => {
  const page = (await program.json(0, "list", "--limit", "2")) as { readonly examples: readonly { readonly id: string }[] };
  const ids = page.examples.map((example) => example.id);
  const { out } = await program.tilth("tag", ...ids, "--remove", "cold");
  expect(out).toContain(`tilth tag ${ids.join(" ")} --add cold`);
  expect((await program.tilth("tag", ...ids, "--add", "a", "--add", "b")).out).not.toContain("undo");
});

test("a dry run says how many and offers nothing to undo", async () => {
  const { out } = await program.tilth("tag", "--where", "project = north", "--add", "x", "--dry-run");
  expect(out).toBe("✓ Would tag 145 examples\n");
  expect(await tagged("x")).toBeUndefined();
});

test.each([
  ["no tag", ["--where", "project = north"], "none to add"],
  ["nothing selected", ["--add", "x"], "neither ids nor a filter"],
  ["both", ["01ARZ3ND", "--where", "project = north", "--add", "x"], "both"],
])("%s is a wrong call", async (_, args, told) => {
  expect(await program.tilth("tag", ...args)).toMatchObject({ code: 2, err: expect.stringContaining(told) });
});

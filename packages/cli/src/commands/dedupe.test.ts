import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestProgram } from "../test-program.ts";
import { openTestProgram } from "../test-program.ts";

const advice =
  "Sow the beans four to five centimetres deep once the soil has warmed to ten degrees, water them the same evening, put a stick beside each of them, and never let the slugs know where they are";

const rows = [
  { kind: "text", text: advice, createdAt: "2026-05-01T08:00:00Z" },
  { kind: "text", text: advice.replace("evening", "morning"), createdAt: "2026-05-02T08:00:00Z" },
  { kind: "text", text: `${advice} 🐌`, createdAt: "2026-05-03T08:00:00Z" },
  { kind: "text", text: "The first frost came on the ninth of October, a week earlier than last year." },
];

let program: TestProgram;
beforeAll(async () => {
  program = await openTestProgram([]);
  await program.tilth("import", await program.writeRows("beans.jsonl", rows), "--dataset", "beans");
});
afterAll(() => program.end());

const marked = async (): Promise<number> => {
  const page = (await program.json(0, "list", "--where", "isDuplicate = true")) as { readonly examples: readonly unknown[] };
  return page.examples.length;
};

describe("dedupe", () => {
  test("shows each cluster with what is kept first, and below it where the words differ", async () => {
    const { code, out, err } = await program.tilth("dedupe", "--dry-run");
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/^✓ Would mark 2 examples of 4: they repeat 1 that is kept {2}\d/);
    expect(out).toMatch(/^ {2}kept {3}\w{26} {2}stands for 3\n {9}Sow the beans/m);
    expect(out).toMatch(/^ {2}0\.972 {2}\w{26}\n {9}\+ 🐌\n {2}0\.842 {2}\w{26}\n {9}evening, → morning,$/m);
    expect(out).toMatch(/^ {2}0\.95 to 1\.00 {2}1 {2}█+ +50 %$/m);
    expect(await marked()).toBe(0);
  });

  test("marks them, and says how to see, how to leave out and how to take back", async () => {
    const { out } = await program.tilth("dedupe", "beans");
    expect(out).toContain("✓ Marked 2 examples of 4");
    expect(out).toContain('tilth list --where "isDuplicate = true"');
    expect(out).toContain('tilth commit beans --where "isDuplicate = false"');
    expect(out).toContain("tilth dedupe --undo");
    expect(await marked()).toBe(2);
    expect((await program.tilth("commit", "beans", "--where", "isDuplicate = false")).out).toMatch(/examples +2$/m);
  });

  test("takes it back, and then there is nothing more to take back", async () => {
    expect((await program.tilth("dedupe", "--undo")).out).toMatch(/^✓ Took back \w{26}: 2 examples no longer marked\n$/);
    expect(await marked()).toBe(0);
    expect(await program.tilth("dedupe", "--undo")).toMatchObject({ code: 4, err: expect.stringContaining("dedupe/nothing-to-undo") });
  });

  test("moves them to the trash where that is asked for, and back", async () => {
    expect((await program.tilth("dedupe", "--trash", "--dry-run")).out).toContain("✓ Would move to the trash: 2 examples of 4");
    expect((await program.tilth("dedupe", "--trash")).out).toContain("✓ Moved to the trash: 2 examples of 4");
    expect((await program.tilth("dedupe")).out).toMatch(/^= Nothing repeats anything in 2 examples\./);
    expect((await program.tilth("dedupe", "--undo")).out).toContain("2 examples back from the trash");
  });

  test("prints one JSON value for programs", async () => {
    expect(await program.json(0, "dedupe", "--dry-run", "--strategy", "content", "--limit", "0")).toMatchObject({
      strategy: "content",
      read: 4,
      dropped: 0,
      effect: "nothing",
      clusters: { count: 0, first: [] },
    });
  });

  test("lists what means the same, and stores nothing", async () => {
    const { code, out } = await program.tilth("dedupe", "beans", "--strategy", "semantic");
    expect(code).toBe(0);
    expect(out).toMatch(/^3 pairs of 4 examples with a cosine of 0\.9 or more/);
    expect(out).toContain("nothing: which of them repeat each other is for people to say");
    expect(await marked()).toBe(0);
  });

  test("an empty pool is told, and is no mistake", async () => {
    const empty = await openTestProgram([]);
    try {
      expect(await empty.tilth("dedupe")).toMatchObject({
        code: 0,
        out: expect.stringContaining("There is no active example to compare."),
      });
    } finally {
      await empty.end();
    }
  });

  test.each([
    [["--threshold", "0"], "above 0 and up to 1"],
    [["--threshold", "2"], "above 0 and up to 1"],
    [["--threshold", "much"], "threshold"],
    [["nobody"], "There is no dataset nobody"],
    [["--strategy", "guess"], "guess"],
    [["--strategy", "semantic", "--trash"], "never dropped"],
    [["--undo", "--dry-run"], "stands alone"],
  ])("%j is exit 2", async (args, told) => {
    expect(await program.tilth("dedupe", ...args)).toMatchObject({ code: 2, err: expect.stringContaining(told) });
  });
});

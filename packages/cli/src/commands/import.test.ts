import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestProgram } from "../test-program.ts";
import { exchanges, openTestProgram } from "../test-program.ts";

let program: TestProgram;
let chats: string;
beforeAll(async () => {
  program = await openTestProgram(["assistant"]);
  chats = await program.writeRows("chats.jsonl", exchanges);
});
afterAll(() => program.end());

describe("what a person reads", () => {
  test("of a dry run: what would happen, nothing to do next, nothing stored", async () => {
    const { code, out } = await program.tilth("import", chats, "--format", "prompt-response", "--dry-run", "--dataset", "Chats");
    expect(code).toBe(0);
    expect(out).toContain(`✓ Would import ${chats}`);
    expect(out).not.toContain("Next:");
    expect(await program.json(0, "stats")).toMatchObject({ examples: 0, datasets: [] });
  });

  test("the sum, what was taken out, what was refused and where it is listed, what to do next", async () => {
    const { code, out, err } = await program.tilth("import", chats, "--format", "prompt-response", "--dataset", "Garden chats");
    expect([code, err]).toEqual([0, ""]);
    const facts = [...out.matchAll(/^ {2}(rows read|= accepted|\+ updated|\+ duplicate|\+ rejected) +(\d+)$/gm)].map(([, name, count]) => [
      name,
      Number(count),
    ]);
    expect(facts).toEqual([
      ["rows read", 4],
      ["= accepted", 2],
      ["+ updated", 0],
      ["+ duplicate", 1],
      ["+ rejected", 1],
    ]);
    expect(out).toMatch(/personal data taken out\n +EMAIL +1/);
    expect(out).toMatch(/1 × empty-text: .* \(line 4\)/);
    const [, listed = ""] = /listed in (.*)\n/.exec(out) ?? [];
    expect(await program.read(listed)).toContain('"line":4');
    expect(out).toContain('tilth commit "Garden chats"');
  });

  test("lines of many refused rows end in an ellipsis", async () => {
    const file = await program.writeRows("bad.jsonl", [...exchanges, ...Array.from({ length: 7 }, () => ({ question: "open" }))]);
    expect((await program.tilth("import", file, "--format", "prompt-response")).out).toContain("(line 5, 6, 7, 8, 9, …)");
  });
});

describe("what a program reads", () => {
  test("is one report for one file and a list for several", async () => {
    const more = await program.writeRows("more.jsonl", [{ question: "And peas?", answer: "Peas may go out in March." }]);
    expect(await program.json(0, "import", chats, "--format", "prompt-response")).toMatchObject({
      read: 4,
      accepted: 0,
      duplicate: 3,
      rejected: 1,
    });
    expect(await program.json(0, "import", chats, more, "--format", "prompt-response")).toMatchObject([{ duplicate: 3 }, { accepted: 1 }]);
  });
});

describe("options", () => {
  test("reach the rows: source, type, project and tags", async () => {
    const file = await program.writeRows("notes.jsonl", [{ question: "Which bed?", answer: "The third, next to the hedge." }]);
    await program.tilth("import", file, "--source", "desk", "--type", "note", "--project", "north", "--tag", "a", "--tag", "b");
    expect(await program.json(0, "list", "--where", "project = north")).toMatchObject({
      examples: [{ source: "desk", type: "note", project: "north", tags: ["a", "b"] }],
    });
  });

  test.each([
    ["--on-change", "replace"],
    ["--layout", "xml"],
    ["--format", "openai-cat"],
    ["--encoding", "klingon"],
  ])("%s %s is a wrong call", async (option, value) => {
    const { code, err } = await program.tilth("import", chats, option, value);
    expect(code).toBe(2);
    expect(err).toContain(value);
  });
});

describe("the exit code", () => {
  test("is 3 when nothing at all was accepted", async () => {
    const file = await program.writeRows("open.jsonl", [{ question: "only" }]);
    expect((await program.tilth("import", file, "--format", "prompt-response")).code).toBe(3);
  });

  test("is 2 for a missing file and for no file", async () => {
    expect(await program.tilth("import", "nowhere.jsonl")).toMatchObject({
      code: 2,
      out: "",
      err: expect.stringContaining("[input/not-found]"),
    });
    expect(await program.tilth("import")).toMatchObject({ code: 2, err: expect.stringContaining("file") });
  });

  test("is 2 for rows that nothing recognises, which names the formats", async () => {
    const file = await program.writeRows("strange.jsonl", [{ alpha: 1 }, { alpha: 2 }]);
    expect(await program.tilth("import", file)).toMatchObject({ code: 2, err: expect.stringContaining("--format NAME (tilth") });
  });
});

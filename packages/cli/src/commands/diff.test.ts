import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestProgram } from "../test-program.ts";
import { exchanges, openTestProgram } from "../test-program.ts";

let program: TestProgram;
let id = "";
beforeAll(async () => {
  program = await openTestProgram(["assistant"]);
  await program.tilth(
    "import",
    await program.writeRows("chats.jsonl", exchanges),
    "--format",
    "prompt-response",
    "--dataset",
    "Garden chats",
  );
  await program.tilth("commit", "garden-chats", "-m", "all of them");
  const listed = (await program.json(0, "list", "--where", 'input contains "beans"')) as {
    readonly examples: readonly { readonly id: string }[];
  };
  id = listed.examples[0]?.id ?? "";
  await program.tilth("edit", id, "--set", "topic=sowing", "--set", "output=Five centimetres, in warm soil.");
  await program.tilth("trash", "--where", 'input contains "slugs"', "--yes");
});
afterAll(() => program.end());

test("shows counts, fields, and both values of what changed", async () => {
  const { code, out } = await program.tilth("diff", "garden-chats");
  expect(code).toBe(0);
  expect(out).toMatch(/^garden-chats@1\.0 → garden-chats@pool\n {2}\+ 0 added {3}~ 1 changed {3}− 1 removed\n/);
  expect(out).toMatch(/Changed fields\n {2}messages +1 +█+ +100 %\n {2}topic +1 /);
  expect(out).toMatch(
    new RegExp(
      `~ ${id} {2}chat\n +messages {2}- assistant: Four to five .*\n +\\+ assistant: Five centimetres, in warm soil\\.\n +topic +\\+ sowing\n`,
    ),
  );
  expect(out).toMatch(/Removed\n− \S+ +chat +Whom do I ask about slugs\?\n/);
  expect(out).not.toContain("updatedAt");
});

test("--exit-code tells scripts whether they differ", async () => {
  expect((await program.tilth("diff", "garden-chats", "--exit-code")).code).toBe(1);
  expect(await program.tilth("diff", "garden-chats@1.0", "garden-chats@1.0", "--exit-code")).toMatchObject({
    code: 0,
    out: "garden-chats@1.0 and garden-chats@1.0 hold the same examples.\n",
  });
});

test("--limit cuts the lists and says so; --fields leaves out what is not asked for", async () => {
  expect((await program.tilth("diff", "garden-chats", "--limit", "0")).out).toContain("… and 2 examples more: --limit 2");
  const { out } = await program.tilth("diff", "garden-chats", "--fields", "topic, labels");
  expect(out).toContain("+ sowing");
  expect(out).not.toContain("messages");
});

test("--json prints everything, the moment of the edit too", async () => {
  const found = await program.json(0, "diff", "garden-chats");
  expect(found).toMatchObject({ before: "garden-chats@1.0", after: "garden-chats@pool", added: 0, changed: 1, removed: 1 });
  expect(JSON.stringify(found)).toContain("updatedAt");
});

test("a version is named as versions are", async () => {
  expect(await program.tilth("diff", "garden-chats@9.9")).toMatchObject({ code: 2, out: "", err: expect.stringContaining("1.0") });
});

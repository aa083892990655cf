import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestProgram } from "../test-program.ts";
import { exchanges, openTestProgram } from "../test-program.ts";

let program: TestProgram;
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
});
afterAll(() => program.end());

test("without a name lists all", async () => {
  const { code, out } = await program.tilth("dataset");
  expect(code).toBe(0);
  expect(out).toMatch(/^Dataset +Id +Members +Latest\nGarden chats +garden-chats +2 +–\n/);
});

test("with a name shows one", async () => {
  const { out } = await program.tilth("dataset", "garden-chats");
  expect(out).toMatch(/^Garden chats\n/);
  expect(out).toMatch(/takes +its members\n/);
  expect(out).toMatch(/latest version +none yet\n/);
  expect(out).toContain("tilth commit garden-chats");
});

test("--create makes one with its recipe, once", async () => {
  const { code, out } = await program.tilth(
    "dataset",
    "Gold",
    "--create",
    "--from",
    "pool",
    "--where",
    "quality.tier = gold",
    "--description",
    "the best",
  );
  expect(code).toBe(0);
  expect(out).toMatch(/takes +the whole pool where quality\.tier = gold\n/);
  expect(out).toMatch(/about +the best\n/);
  expect(await program.tilth("dataset", "Gold", "--create")).toMatchObject({ code: 4, err: expect.stringContaining("gold") });
});

test("--json prints the list, or the one", async () => {
  expect(await program.json(0, "dataset")).toMatchObject({
    datasets: expect.arrayContaining([expect.objectContaining({ id: "garden-chats" })]),
  });
  expect(await program.json(0, "dataset", "garden-chats")).toMatchObject({ id: "garden-chats", members: 2 });
});

test("an unknown one names the nearest; without any, the way to make one", async () => {
  expect(await program.tilth("dataset", "garden-chat")).toMatchObject({ code: 2, err: expect.stringContaining("garden-chats") });
  const empty = await openTestProgram([]);
  expect((await empty.tilth("dataset")).out).toContain("tilth import FILE --dataset NAME");
  await empty.end();
});

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

test("shows counts with bars, then datasets", async () => {
  const { code, out } = await program.tilth("stats");
  expect(code).toBe(0);
  expect(out).toMatch(/^2 examples in the pool, 1 import\n/);
  expect(out).toMatch(/\nKinds\n {2}chat {2}2 {2}█+ {2}100 %\n/);
  expect(out).toMatch(/\nGarden chats +2 +0 +–\n/);
  expect(out).not.toContain("Lifecycle");
  expect(out).not.toContain("Next:");
});

test("shows signals by their kind", async () => {
  const file = await program.writeRows("log.jsonl", [{ timestamp: "2026-01-02T03:04:05Z", insight_id: "i1", action: "like" }]);
  await program.tilth("import", file);
  expect((await program.tilth("stats")).out).toMatch(/\nSignals\n {2}engagement {2}1 /);
});

test("--json prints the counts", async () => {
  expect(await program.json(0, "stats")).toMatchObject({
    examples: 2,
    facets: { kind: { chat: 2 } },
    datasets: [{ id: "garden-chats", members: 2 }],
  });
});

test("an empty pool names the next step", async () => {
  const empty = await openTestProgram([]);
  const { out } = await empty.tilth("stats");
  expect(out).toMatch(/^0 examples in the pool, 0 imports\n/);
  expect(out).toContain("tilth import FILE --dataset NAME");
  await empty.end();
});

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
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

test("ticks off what is in order", async () => {
  const { code, out } = await program.tilth("doctor");
  expect(code).toBe(0);
  const lines = out.trimEnd().split("\n");
  expect(lines.every((line) => line.startsWith("✓ "))).toBe(true);
  expect(lines[1]).toContain("packs: assistant");
});

test("what needs a hand is marked with the way to it and is no failure", async () => {
  const entities = [{ label: "item", start: 0, end: 99, surface: "seed" }];
  const file = await program.writeRows("wrong.jsonl", [
    { kind: "classification", text: "seed potatoes", labels: { intent: "order" }, entities },
  ]);
  await program.tilth("import", file, "--format", "tilth");
  const { code, out } = await program.tilth("doctor");
  expect([code, out]).toEqual([
    0,
    expect.stringMatching(/\n! examples +1 with an error cannot be exported\n +tilth list --where 'severity = error'\n/),
  ]);
});

test("counters that differ are named with the way out; only --repair corrects them", async () => {
  const database = new DatabaseSync(join(program.folder, ".tilth", "pool.db"), { timeout: 10_000 });
  database.exec("UPDATE counter SET count = count + 5 WHERE facet = 'kind' AND value = 'chat'");
  database.close();
  for (let times = 0; times < 2; times++) {
    const { code, out } = await program.tilth("doctor");
    expect([code, out]).toEqual([1, expect.stringMatching(/\n✗ counters +differ from a recount: kind\n +`tilth doctor --repair`/)]);
  }
  const { code, out } = await program.tilth("doctor", "--repair");
  expect([code, out]).toEqual([0, "✓ Corrected 1 counter\n  kind chat  7 → 2\n"]);
  expect((await program.tilth("doctor")).code).toBe(0);
  expect(await program.json(0, "doctor", "--repair")).toMatchObject({ counters: [], repaired: true });
});

test("without a workspace it says so: exit 1, one value with --json", async () => {
  const none = await openTestProgram();
  expect(await none.tilth("doctor")).toMatchObject({
    code: 1,
    out: expect.stringMatching(/\n✗ workspace +There is no Tilth workspace/),
    err: "",
  });
  expect(await none.json(1, "doctor")).toMatchObject({ checks: [{ status: "ok" }, { name: "workspace", status: "problem" }] });
  await none.end();
});

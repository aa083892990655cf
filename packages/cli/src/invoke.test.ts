import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, expect, test } from "vitest";
import type { TestProgram } from "./test-program.ts";
import { openTestProgram } from "./test-program.ts";

let program: TestProgram;
afterEach(() => program.end());

interface Entry {
  readonly actor: string;
  readonly action: string;
  readonly object: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

async function entries(): Promise<readonly Entry[]> {
  const { entries: found } = (await program.json(0, "audit", "list")) as { entries: readonly Entry[] };
  return found.toReversed();
}

async function work(): Promise<void> {
  const rows = await program.writeRows("frost.jsonl", [{ text: "The first frost came on the ninth of October." }]);
  await program.tilth("import", rows, "--dataset", "Garden");
  await program.tilth("list");
  await program.tilth("tag", "--where", "kind = text", "--add", "cold", "--dry-run");
  await program.tilth("commit", "nobody");
  await program.tilth("key", "create", "ci");
  await program.tilth("export", "garden@pool");
}

test("what a command changes stands in the audit, as what a server changes does; what it reads or was refused does not", async () => {
  program = await openTestProgram([]);
  await work();
  const found = await entries();
  expect(found).toMatchObject([
    { action: "example.import", object: "Garden", detail: { via: "cli", status: "done", count: 1 } },
    { action: "example.tag", detail: { filter: "kind = text", dryRun: true } },
    { action: "key.create", object: "ci" },
    { action: "dataset.export", object: "garden@pool" },
  ]);
  expect(found.every(({ actor }) => actor.startsWith("user:"))).toBe(true);
  expect(await program.json(0, "audit", "verify")).toMatchObject({ entries: 4, problems: [] });
});

test("exports leave no entry where the configuration says so", async () => {
  program = await openTestProgram([]);
  await appendFile(join(program.folder, "tilth.yaml"), "\naudit:\n  reads: off\n");
  await work();
  expect((await entries()).map(({ action }) => action)).toEqual(["example.import", "example.tag", "key.create"]);
});

test("where an entry cannot be kept, what was done stands, and the person is told", async () => {
  program = await openTestProgram([]);
  await work();
  const pool = new DatabaseSync(join(program.folder, ".tilth", "pool.db"));
  pool.exec("ALTER TABLE audit RENAME TO gone");
  pool.close();
  const { code, err } = await program.tilth("tag", "--where", "kind = text", "--add", "cold");
  expect([code, err]).toEqual([0, expect.stringContaining("The audit has no entry of this")]);
});

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestProgram } from "../test-program.ts";
import { openTestProgram } from "../test-program.ts";

let program: TestProgram;
beforeAll(async () => {
  program = await openTestProgram([]);
});
afterAll(() => program.end());

async function write(name: string, text: string): Promise<string> {
  const path = join(program.folder, name);
  await writeFile(path, text);
  return path;
}

const events = Array.from({ length: 1_200 }, (_, i) => ({
  kind: "example",
  example: { kind: "text", id: `01JGFJJZ00KKE20RWE6YQ${String(i).padStart(5, "0")}`, text: `Bed number ${i} is sown.` },
  dataset: "Beds",
}));

test("takes in the events of a file, each once, and names what is wrong by its place", async () => {
  const path = await program.writeRows("events.jsonl", [...events, { kind: "poem" }]);
  const first = await program.tilth("capture", path);
  expect(first.code).toBe(0);
  expect(first.out).toMatch(/✓ Captured 1,200 events\n.*read +1,201\n.*= accepted +1,200\n.*\+ duplicate +0\n.*\+ rejected +1\n/);
  expect(first.out).toContain("event 1,201: input/invalid: kind: Invalid discriminator value");
  expect(await program.json(0, "capture", path)).toMatchObject({ accepted: 0, duplicate: 1_200, rejected: [{ index: 1_200 }] });
  expect(await program.json(0, "dataset", "beds")).toMatchObject({ members: 1_200 });
});

test("an array does as well; where nothing was let in, the exit code says so", async () => {
  const path = await write("events.json", JSON.stringify([{ kind: "poem" }]));
  expect(await program.json(3, "capture", path)).toMatchObject({ accepted: 0, rejected: [{ index: 0 }] });
  const broken = await write("broken.json", "[{");
  expect((await program.tilth("capture", broken)).err).toContain("it begins as a JSON array and is none");
});

import { access, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../test-program.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tilth-demo-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("walks the whole way and makes the workspace anew the second time", { timeout: 60_000 }, async () => {
  const out = join(folder, "demo");
  const told = await run(["demo", "--out", out]);
  expect([told.code, told.err]).toEqual([0, ""]);
  const headings = [...told.out.matchAll(/^(\d) {2}(.*)$/gm)].map(([, number]) => Number(number));
  expect(headings).toEqual([1, 2, 3, 4, 5, 6, 7]);
  const [, read = "", ...parts] =
    /^(\d+) read = (\d+) accepted \+ (\d+) updated \+ (\d+) duplicate \+ (\d+) rejected$/m.exec(told.out) ?? [];
  expect(parts.reduce((sum, part) => sum + Number(part), 0)).toBe(Number(read));
  const [, keptId, kept, similarity, droppedId] =
    /^ {2}kept {3}(\w{26}) {2}stands for 3\n {9}(.*)\n {2}(0\.\d{3}) {2}(\w{26})$/m.exec(told.out) ?? [];
  expect(kept).toMatch(/^gm to the volunteers who counted/);
  expect(similarity).toBe("0.923");
  expect(keptId).not.toBe(droppedId);
  expect(told.out).toContain("✓ verified:");
  expect((await readdir(join(out, "exports"))).length).toBe(6);

  const again = await run(["demo", "--out", out, "--json"]);
  const walked: { readonly imports: readonly { readonly read: number; readonly accepted: number }[] } = JSON.parse(again.out);
  expect(again.code).toBe(0);
  expect(walked.imports.reduce((sum, report) => sum + report.read, 0)).toBe(Number(read));
  expect(walked.imports.reduce((sum, report) => sum + report.accepted, 0)).toBe(Number(parts[0]));
});

test("never takes away a workspace of somebody's own", { timeout: 30_000 }, async () => {
  const own = join(folder, "own");
  await run(["init", "-w", own]);
  await writeFile(join(own, ".tilth", "precious"), "");
  expect(await run(["demo", "--out", own])).toMatchObject({ code: 4, err: expect.stringContaining("is a Tilth workspace already") });
  await access(join(own, ".tilth", "precious"));
});

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestProgram } from "../test-program.ts";
import { openTestProgram, run } from "../test-program.ts";

let program: TestProgram;
beforeAll(async () => {
  program = await openTestProgram();
});
afterAll(() => program.end());

test("says where the workspace is, what it holds and what to do next", async () => {
  const { code, out, err } = await program.tilth("init", "--pack", "assistant", "-p", "social");
  expect([code, err]).toEqual([0, ""]);
  expect(out).toContain(`✓ Workspace ready in ${program.folder}`);
  expect(out).toMatch(/packs +assistant, social\n/);
  expect(out).toContain("tilth import FILE --dataset NAME");
  expect(await readFile(join(program.folder, "tilth.yaml"), "utf8")).toContain("packs: [");
});

test("a second time is a conflict", async () => {
  const { code, out, err } = await program.tilth("init");
  expect([code, out]).toEqual([4, ""]);
  expect(err).toContain("is a Tilth workspace already");
});

test("--json prints one value, and an unknown pack names the nearest", async () => {
  const folder = join(program.folder, "inner");
  expect(JSON.parse((await run(["init", "-w", folder, "--json"])).out)).toEqual({ root: folder, packs: [] });
  const typo = await run(["init", "--pack", "asistant", "-w", join(program.folder, "other")]);
  expect([typo.code, typo.err]).toEqual([2, expect.stringContaining("assistant")]);
});

import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestProgram } from "../test-program.ts";
import { openTestProgram } from "../test-program.ts";

let program: TestProgram;
beforeAll(async () => {
  program = await openTestProgram([]);
  await program.tilth("dataset", "Support", "--create");
});
afterAll(() => program.end());

test("without any says how to make one", async () => {
  expect(await program.tilth("key")).toMatchObject({ code: 0, out: expect.stringContaining("tilth key create NAME") });
});

test("create prints the key alone, once, and what it may do beside it", async () => {
  const { code, out, err } = await program.tilth("key", "create", "ci", "--role", "editor");
  expect(code).toBe(0);
  expect(out).toMatch(/^tilth_[0-9a-z]{8}_[\w-]{43}\n$/);
  expect(err).toMatch(/may +read write delete review\n/);
  const secret = out.slice(15, 58);
  expect((await program.tilth("key")).out).not.toContain(secret);
  expect(await program.tilth("key", "create", "ci")).toMatchObject({ code: 4, err: expect.stringContaining("ci") });
});

test("create takes single rights, datasets and an end", async () => {
  const options = ["--scope", "write", "--scope", "read", "--dataset", "Support", "--expires", "30"];
  expect(await program.json(0, "key", "create", "app", ...options)).toMatchObject({
    scopes: ["training_data:read", "training_data:write"],
    datasets: ["support"],
    expiresAt: expect.any(String),
  });
});

test("lists keys; one that is revoked says so", async () => {
  expect(await program.tilth("key", "revoke", "ci")).toMatchObject({ code: 0, out: expect.stringContaining("ci") });
  const { out } = await program.tilth("key");
  expect(out).toMatch(/^Key +Begins +May +Datasets +Last used +State\n/);
  expect(out).toMatch(/app +tilth_\w{8} +read write +support +– +until /);
  expect(out).toMatch(/ci +.*revoked /);
});

test.each([
  ["an unknown verb", ["key", "make", "ci"], "make"],
  ["a verb without a name", ["key", "create"], "missing"],
  ["an unknown right", ["key", "create", "x", "--scope", "fly"], "fly"],
  ["a key that is not there", ["key", "revoke", "ap"], "app"],
  ["a number of days that is none", ["key", "create", "x", "--expires", "soon"], "expiresInDays"],
])("refuses %s", async (_, args, told) => {
  expect(await program.tilth(...args)).toMatchObject({ code: 2, err: expect.stringContaining(told) });
});

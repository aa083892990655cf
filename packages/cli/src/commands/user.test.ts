import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
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
  expect(await program.tilth("user")).toMatchObject({ code: 0, out: expect.stringContaining("tilth user create NAME") });
});

test("create shows the password that it made, once", async () => {
  const { code, out } = await program.tilth("user", "create", "Ana", "--role", "reviewer", "--dataset", "Support");
  expect(code).toBe(0);
  expect(out).toMatch(/ana may sign in as reviewer\.\n +password +[a-z1-9-]{29}\n/);
  const list = (await program.tilth("user")).out;
  expect(list).toMatch(/^User +Role +Datasets +Made +By\nana +reviewer +support +\d{4}-\d\d-\d\d +(?:user|key):/);
});

test("a password comes by standard input, and is not shown", async () => {
  const bin = join(import.meta.dirname, "../../bin/tilth.js");
  const run = async (password: string, ...args: readonly string[]) => {
    const child = spawn(process.execPath, [bin, "user", ...args, "--password-stdin", "-w", program.folder]);
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece: Buffer) => (said += piece.toString()));
    child.stdin.end(`${password}\n`);
    const [code] = await once(child, "close");
    return { code, said };
  };
  const good = await run("four beds of broad beans", "create", "ben");
  expect(good).toMatchObject({ code: 0, said: expect.not.stringContaining("beans") });
  const weak = await run("beans", "password", "ben");
  expect(weak).toMatchObject({ code: 2, said: expect.stringContaining("12") });
});

test("set changes role and datasets", async () => {
  expect((await program.tilth("user", "set", "ana", "--role", "editor")).out).toContain("ana is editor of support.");
  expect((await program.tilth("user", "set", "ana", "--all-datasets")).out).toContain("ana is editor of all datasets.");
});

test("password makes a new one, remove takes the user away", async () => {
  expect(await program.json(0, "user", "password", "ana")).toMatchObject({ name: "ana", password: expect.any(String) });
  expect((await program.tilth("user", "remove", "ana")).code).toBe(0);
  expect(await program.json(0, "user")).toMatchObject({ users: [{ name: "ben" }] });
});

test.each([
  ["an unknown verb", ["user", "make", "x"], "make"],
  ["a verb without a name", ["user", "remove"], "missing"],
  ["an unknown role", ["user", "create", "x", "--role", "owner"], "owner"],
  ["a user who is not there", ["user", "remove", "bem"], "ben"],
  ["some and all datasets", ["user", "set", "ben", "--dataset", "support", "--all-datasets"], "both"],
])("refuses %s", async (_, args, told) => {
  expect(await program.tilth(...args)).toMatchObject({ code: 2, err: expect.stringContaining(told) });
});

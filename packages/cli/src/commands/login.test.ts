import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestProgram } from "../test-program.ts";
import { openTestProgram, run } from "../test-program.ts";

const bin = join(import.meta.dirname, "../../bin/tilth.js");

let program: TestProgram;
let config: string;
let key: string;
let url: string;
beforeAll(async () => {
  config = await mkdtemp(join(tmpdir(), "tilth-config-"));
  program = await openTestProgram([], { overHttp: true });
  const made = (await program.json(0, "key", "create", "ana", "--role", "viewer")) as { readonly key: string };
  ({ key } = made);
  url = program.address() ?? "";
});
afterAll(async () => {
  await program.end();
  await rm(config, { recursive: true });
});

/** The program in a process of its own, with a configuration of its own. */
async function tilth(args: readonly string[], input = ""): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const child = spawn(process.execPath, [bin, ...args], { env: { ...process.env, XDG_CONFIG_HOME: config, NO_COLOR: "1" } });
  const said = { out: "", err: "" };
  child.stdout.on("data", (piece: Buffer) => (said.out += piece.toString()));
  child.stderr.on("data", (piece: Buffer) => (said.err += piece.toString()));
  child.stdin.end(input);
  const [code] = await once(child, "close");
  return { code, ...said };
}

const file = (): string => join(config, "tilth", "credentials.json");

test("a wrong key is not kept", { timeout: 60_000 }, async () => {
  const { code, out, err } = await tilth(["login", "--url", url, "--key-stdin"], "tilth_wrong\n");
  expect([code, out, err]).toEqual([2, "", expect.stringContaining("[auth/invalid]")]);
  expect([existsSync(file()), err.includes("tilth_wrong")]).toEqual([false, false]);
});

test("the right one is kept, used by every command, and forgotten by logout", { timeout: 60_000 }, async () => {
  const entered = await tilth(["login", "--url", url, "--key-stdin"], `${key}\n`);
  expect(entered).toMatchObject({ code: 0, out: expect.stringContaining(`✓ The key of ${url} works and is kept in ${file()}`) });
  expect(entered.out + entered.err).not.toContain(key);
  expect(JSON.parse(await readFile(file(), "utf8"))).toEqual({ [url]: { key } });
  expect(await tilth(["stats", "--url", url])).toMatchObject({ code: 0, out: expect.stringMatching(/^0 examples/) });
  expect(await tilth(["dataset", "x", "--create", "--url", url])).toMatchObject({
    code: 2,
    err: expect.stringContaining("[auth/forbidden]"),
  });
  expect(await tilth(["logout"])).toMatchObject({ code: 0, out: expect.stringContaining(`The key of ${url} is forgotten`) });
  expect(await tilth(["stats", "--url", url])).toMatchObject({ code: 2, err: expect.stringContaining("[auth/required]") });
  expect(await tilth(["logout", "--json"])).toMatchObject({ code: 0, out: expect.stringContaining('"forgotten": false') });
});

test.each([
  ["no server", ["login"], "--url"],
  ["nobody to ask", ["login", "--url", "http://127.0.0.1:7420"], "--key-stdin"],
  ["no address", ["login", "--url", "7420", "--key-stdin"], "address"],
])("%s is a wrong call", async (_, args, told) => {
  expect(await run(args)).toMatchObject({ code: 2, out: "", err: expect.stringContaining(told) });
});

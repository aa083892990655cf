import { execFileSync, spawn } from "node:child_process";
import { open, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commands } from "./commands/list.ts";
import type { TestProgram } from "./test-program.ts";
import { exchanges, openTestProgram, run } from "./test-program.ts";
import { version } from "./version.ts";

let program: TestProgram;
beforeAll(async () => {
  program = await openTestProgram(["assistant"]);
});
afterAll(() => program.end());

const entry = fileURLToPath(new URL("../bin/tilth.js", import.meta.url));

describe("help", () => {
  test("lists every command and the exit codes", async () => {
    const { code, out, err } = await run(["--help"]);
    expect([code, err]).toEqual([0, ""]);
    for (const { name, summary } of commands) {
      expect(out).toMatch(new RegExp(`^ {2}${name}\\b`, "m"));
      expect(out.replaceAll(/\s+/g, " ")).toContain(summary);
    }
    expect(out).toContain("0 done · 1 the answer is no · 2 wrong call");
  });

  test.each(commands.map((command) => [command.name, command] as const))("of %s shows its examples and options", async (name, command) => {
    const { code, out } = await run([name, "--help"]);
    expect(code).toBe(0);
    expect(command.examples.length).toBeGreaterThan(0);
    for (const [line, does] of command.examples) {
      expect(line).toMatch(new RegExp(`^tilth ${name}\\b`));
      expect(out).toContain(line);
      expect(out).toContain(does);
    }
    for (const { flags } of command.options) expect(out).toContain(flags);
    for (const flag of ["--workspace", "--url", "--json", "--quiet"]) expect(out).toContain(flag);
    expect((await run(["help", name])).out).toBe(out);
  });
});

describe("a call that cannot be understood", () => {
  test.each([
    ["a typo in a command", ["improt", "x.jsonl"], "Did you mean import?"],
    ["a typo in an option", ["stats", "--jsno"], "--json"],
    ["a missing argument", ["show"], "missing required argument 'id'"],
    ["an argument too many", ["stats", "everything"], "too many arguments"],
    ["an option without its value", ["list", "--where"], "argument missing"],
  ])("%s is exit 2 and says so on standard error", async (_, args, told) => {
    const { code, out, err } = await run(args);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(told);
  });
});

test("--version prints the version of the package", async () => {
  for (const flag of ["--version", "-V"]) expect(await run([flag])).toEqual({ code: 0, out: `${version}\n`, err: "" });
  expect(version).toMatch(/^\d+\.\d+\.\d+/);
});

describe("errors", () => {
  test("are one value on standard output with --json", async () => {
    const { code, out, err } = await program.tilth("show", "01ZZZZZZ", "--json");
    expect([code, err]).toEqual([2, ""]);
    expect(JSON.parse(out)).toMatchObject({ error: { code: "example/not-found", kind: "not-found" } });
  });

  test("TILTH_WORKSPACE names the workspace where no option does", async () => {
    const nowhere = join(tmpdir(), "tilth-nowhere");
    process.env["TILTH_WORKSPACE"] = nowhere;
    expect(await run(["stats"])).toMatchObject({ code: 2, err: expect.stringContaining(nowhere) });
    process.env["TILTH_WORKSPACE"] = program.folder;
    expect(await run(["stats"])).toMatchObject({ code: 0, err: "" });
    delete process.env["TILTH_WORKSPACE"];
  });
});

describe("as a process", () => {
  test("streams and exit code are those of the call", { timeout: 30_000 }, async () => {
    const file = await program.writeRows("chats.jsonl", exchanges);
    const ended = await ends(spawned("import", file, "--format", "prompt-response", "--json"));
    expect([ended.code, ended.err]).toEqual([0, ""]);
    expect(JSON.parse(ended.out)).toMatchObject({ read: 4, accepted: 2 });
    expect(await ends(spawned("import", "nowhere.jsonl"))).toMatchObject({
      code: 2,
      out: "",
      err: expect.stringContaining("nowhere.jsonl"),
    });
  });

  test.skipIf(process.platform === "win32")(
    "Ctrl-C ends an import with 130, and what was acknowledged is kept",
    { timeout: 60_000 },
    async () => {
      const pipe = join(program.folder, "endless.jsonl");
      execFileSync("mkfifo", [pipe]);
      const child = spawned("import", pipe, "--format", "prompt-response", "--layout", "jsonl", "--dataset", "Endless");
      const ended = ends(child);
      const into = await open(pipe, "w");
      let number = 0;
      const write = (): Promise<unknown> =>
        into.write(
          Array.from(
            { length: 1_000 },
            () => `${JSON.stringify({ question: `What is ${++number}?`, answer: `It is the ${number}th of many numbers.` })}\n`,
          ).join(""),
        );
      for (let batch = 0; batch < 6; batch++) await write();
      await grown(join(program.folder, ".tilth", "pool.db-wal"));
      child.kill("SIGINT");
      try {
        while (child.exitCode === null) await write();
      } catch (error) {
        expect(error).toMatchObject({ code: "EPIPE" });
      }
      await into.close();
      expect(await ended).toMatchObject({ code: 130, err: expect.stringContaining("the same `tilth import` goes on from there") });
      const { members } = (await program.json(0, "dataset", "Endless")) as { readonly members: number };
      expect(members).toBeGreaterThan(0);
      expect(await program.tilth("doctor")).toMatchObject({ code: 0 });
    },
  );
});

function spawned(...args: readonly string[]) {
  return spawn(process.execPath, [entry, ...args, "-w", program.folder], {
    env: { ...process.env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

function ends(child: ReturnType<typeof spawned>): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
  const texts = { out: "", err: "" };
  child.stdout.on("data", (piece: Buffer) => (texts.out += piece.toString()));
  child.stderr.on("data", (piece: Buffer) => (texts.err += piece.toString()));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...texts }));
  });
}

/** Waits until a file holds more than a page. */
async function grown(path: string): Promise<void> {
  const size = async (): Promise<number> =>
    stat(path).then(
      (facts) => facts.size,
      () => 0,
    );
  while ((await size()) < 100_000) await new Promise((resolve) => setTimeout(resolve, 20));
}

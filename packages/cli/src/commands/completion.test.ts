import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "../test-program.ts";
import { commands } from "./list.ts";

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tilth-completion-"));
  for (const shell of ["bash", "zsh", "fish"]) writeFileSync(join(folder, shell), (await run(["completion", shell])).out);
});
afterAll(() => rmSync(folder, { recursive: true }));

function has(program: string): boolean {
  try {
    execFileSync(program, ["-c", "exit 0"]);
    return true;
  } catch {
    return false;
  }
}

/** What bash would offer for the last of these words. */
function offered(...words: readonly string[]): readonly string[] {
  const script = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tilth; printf "%s\\n" "${COMPREPLY[@]}"';
  return execFileSync("bash", ["-c", script, "bash", join(folder, "bash"), ...words], { encoding: "utf8" })
    .split("\n")
    .filter(Boolean);
}

describe.skipIf(!has("bash"))("in bash (where there is one)", () => {
  test("completes every command, and help", () => {
    expect(offered("tilth", "")).toEqual(expect.arrayContaining([...commands.map(({ name }) => name), "help", "--version"]));
    expect(offered("tilth", "imp")).toEqual(["import"]);
  });

  test.each(commands.map((command) => [command.name, command] as const))(
    "completes the options of %s, its own and those of all",
    (name, { options }) => {
      const own = options.flatMap(({ flags }) => flags.match(/--[a-z-]+/g) ?? []);
      expect(offered("tilth", name, "--").toSorted()).toEqual([...own, "--workspace", "--url", "--json", "--quiet", "--help"].toSorted());
    },
  );

  test("completes the choices of an option, by its long and its short name, wherever it stands", () => {
    expect(offered("tilth", "import", "x.jsonl", "--on-change", "")).toEqual(["update", "skip", "add"]);
    expect(offered("tilth", "commit", "--from", "p")).toEqual(["pool"]);
  });

  test("leaves values without choices to bash, which completes files", () => {
    expect(offered("tilth", "export", "--out", "")).toEqual([]);
    expect(offered("tilth", "import", "")).toEqual([]);
  });

  test("completes what stands for an argument", () => {
    expect(offered("tilth", "completion", "")).toEqual(["bash", "zsh", "fish"]);
    expect(offered("tilth", "help", "sta")).toEqual(["stats"]);
  });
});

test.skipIf(!has("zsh"))("zsh reads the script (where there is one)", () => {
  expect(execFileSync("zsh", ["-n", join(folder, "zsh")], { encoding: "utf8" })).toBe("");
});

test.skipIf(!has("fish"))("fish reads the script (where there is one)", () => {
  expect(execFileSync("fish", ["--no-execute", join(folder, "fish")], { encoding: "utf8" })).toBe("");
});

test.each(["zsh", "fish"])("the script of %s holds every command and every option", async (shell) => {
  const { out } = await run(["completion", shell]);
  for (const { name, options } of commands) {
    expect(out).toContain(name);
    for (const { flags } of options) {
      const [, long = ""] = /--([a-z-]+)/.exec(flags) ?? [];
      expect(out).toContain(shell === "fish" ? `-l ${long} ` : `--${long}[`);
    }
  }
});

test("another shell is a wrong call that names the three", async () => {
  expect(await run(["completion", "powershell"])).toMatchObject({ code: 2, err: expect.stringContaining("bash, zsh, fish") });
});

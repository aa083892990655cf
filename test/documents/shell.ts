import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { program } from "../journeys/tilth.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** True where bash and curl are: without them nothing of a document can be tried. */
export const hasShell: boolean = ["bash", "curl"].every((name) => spawnSync(name, ["--version"]).status === 0);

/** One command of a document, with its heredoc and its continued lines. */
export interface Command {
  readonly text: string;
  /** In the document, from 1. */
  readonly line: number;
}

/**
 * The commands that a document tells its reader to type: all of its blocks fenced as `sh`.
 *
 * @param section - Only what stands below this heading, up to the next one of its level.
 */
export function commandsOf(path: string, section?: string): readonly Command[] {
  const lines = readFileSync(join(root, path), "utf8").split("\n");
  const first = section === undefined ? 0 : lines.indexOf(section) + 1;
  const level = /^#+ /.exec(section ?? "")?.[0] ?? "\0";
  const rest = section === undefined ? -1 : lines.slice(first).findIndex((line) => line.startsWith(level));
  const last = rest === -1 ? lines.length : first + rest;
  if (section !== undefined && first === 0) throw new Error(`${path} has no section ${section}`);
  const commands: { text: string; line: number; until?: string }[] = [];
  let isShell = false;
  let open: { text: string; line: number; until?: string } | undefined;
  for (const [index, line] of lines.slice(first, last).entries()) {
    if (line.startsWith("```")) isShell = line === "```sh" && !isShell;
    else if (open !== undefined) {
      open.text += `\n${line}`;
      if (open.until === undefined ? !line.endsWith("\\") : line === open.until) open = undefined;
    } else if (isShell && line.trim() !== "" && !line.startsWith("#")) {
      const [, until] = /<<'?(\w+)'?/.exec(line) ?? [];
      const command = { text: line, line: first + index + 1, ...(until === undefined ? {} : { until }) };
      commands.push(command);
      if (until !== undefined || line.endsWith("\\")) open = command;
    }
  }
  return commands.map(({ text, line }) => ({ text, line }));
}

/** What one command left behind. */
export interface Typed extends Command {
  readonly code: number;
  /** Both outputs of the command. */
  readonly said: string;
  /** HTTP status of its last request, where it made one. */
  readonly status?: number;
}

export interface TypeOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Types commands into one bash, one after another, as a reader would: what one sets, the next one knows.
 *
 * `tilth` is this repository's. `curl` is the machine's own; it only tells its status as well.
 */
export async function typeIn(commands: readonly Command[], { cwd, env = {} }: TypeOptions): Promise<readonly Typed[]> {
  const bin = join(cwd, ".bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "tilth"), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
  chmodSync(join(bin, "tilth"), 0o755);
  const script = join(cwd, ".typed.sh");
  const parts = commands.map(({ text }) => `echo "${MARK}begin"\n${text}\necho "\n${MARK}end $?"\n`);
  writeFileSync(
    script,
    `exec 2>&1\ncurl() { command curl --silent --show-error --write-out '%{stderr}\\n${MARK}status %{http_code}\\n' "$@"; }\n${parts.join("")}`,
  );
  const said = await output("bash", [script], {
    cwd,
    // Keys that a reader stores go nowhere but here.
    env: {
      ...process.env,
      NO_COLOR: "1",
      XDG_CONFIG_HOME: join(cwd, ".config"),
      PATH: [bin, dirname(process.execPath), process.env["PATH"]].join(delimiter),
      ...env,
    },
  });
  const pieces = said.split(`${MARK}begin\n`).slice(1);
  if (pieces.length !== commands.length) throw new Error(`bash stopped after ${pieces.length} of ${commands.length} commands:\n${said}`);
  return commands.map((command, index) => {
    const piece = pieces[index] ?? "";
    const status = [...piece.matchAll(new RegExp(`${MARK}status (\\d+)`, "g"))].at(-1)?.[1];
    return {
      ...command,
      code: Number(new RegExp(`${MARK}end (\\d+)`).exec(piece)?.[1] ?? -1),
      said: piece.replaceAll(new RegExp(`\n?${MARK}.*\n`, "g"), ""),
      ...(status === undefined ? {} : { status: Number(status) }),
    };
  });
}

/** Nothing that a command prints by itself. */
const MARK = "@@tilth@@ ";

function output(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], { ...options, stdio: ["ignore", "pipe", "inherit"] });
    const pieces: Buffer[] = [];
    child.stdout.on("data", (piece: Buffer) => pieces.push(piece));
    child.on("error", reject);
    child.on("close", () => resolve(Buffer.concat(pieces).toString()));
  });
}

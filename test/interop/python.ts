import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "../house.ts";

/** The readers that this project's files are opened with, in the versions that docs/formats.md names. */
export const readerPackages: readonly string[] = ["datasets==5.0.1", "pyarrow==25.0.1", "polars==1.44.2", "duckdb==1.5.6", "pyyaml==6.0.3"];

/** A Python to run scripts with; `packages` is false where only its own library is there, `reason` then says why. */
export type Python =
  | { readonly path: string; readonly packages: true }
  | { readonly path: string; readonly packages: false; readonly reason: string }
  | { readonly path: undefined; readonly packages: false; readonly reason: string };

/** What the pinned packages ask for. */
const oldestMinor = 10;

/**
 * Makes a virtual environment with these packages, or takes the one that was made earlier: `.venv/interop-<hash of the list>`.
 *
 * The first time it downloads from pip's index; the readers take 640 MB on disk. Never throws for want of a Python or an index: the answer says what is missing.
 */
export async function preparePython(packages: readonly string[]): Promise<Python> {
  const base = findPython();
  if (base === undefined) return { path: undefined, packages: false, reason: `no Python 3.${oldestMinor} or newer on PATH` };
  const hash = createHash("sha256").update(packages.join("\n")).digest("hex").slice(0, 12);
  const folder = join(root, ".venv", `interop-${hash}`);
  const path = process.platform === "win32" ? join(folder, "Scripts", "python.exe") : join(folder, "bin", "python");
  return alone(folder, async () => {
    const mark = join(folder, "complete");
    // The Python it was made of may have gone since.
    if (existsSync(mark) && runs(path, "pass")) return { path, packages: true };
    await rm(folder, { recursive: true, force: true });
    process.stderr.write(`Installing ${packages.join(", ")} into ${folder}: once, about a minute …\n`);
    const made = await run(base, ["-m", "venv", folder]);
    if (made !== undefined) return { path: base, packages: false, reason: `no virtual environment: ${made}` };
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--only-binary=:all:"];
    const installed = await run(path, [...pip, ...packages]);
    if (installed !== undefined) return { path: base, packages: false, reason: `pip cannot install: ${installed}` };
    await writeFile(mark, `${packages.join("\n")}\n`);
    return { path, packages: true };
  });
}

/**
 * Runs a script of this folder with a task as JSON and gives back the JSON it answers.
 *
 * @throws Error with what the script wrote to standard error, when it ends with another code than 0.
 */
export async function askPython(path: string, script: string, task: unknown): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), "tilth-interop-"));
  try {
    const [question, answer] = [join(folder, "question.json"), join(folder, "answer.json")];
    await writeFile(question, JSON.stringify(task));
    const offline = { HF_HUB_OFFLINE: "1", HF_DATASETS_OFFLINE: "1", HF_HOME: join(folder, "hf"), HF_HUB_DISABLE_TELEMETRY: "1" };
    // Readers must not depend on the machine's locale or clock.
    const problem = await run(path, [join(import.meta.dirname, script), question, answer], { ...offline, PYTHONUTF8: "1", TZ: "UTC" });
    if (problem !== undefined) throw new Error(problem);
    const answered: unknown = JSON.parse(await readFile(answer, "utf8"));
    return answered;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function findPython(): string | undefined {
  const check = `import sys; sys.exit(0 if (3, ${oldestMinor}) <= sys.version_info < (4,) else 1)`;
  return ["python3", "python"].find((name) => runs(name, check));
}

function runs(path: string, code: string): boolean {
  return spawnSync(path, ["-c", code], { stdio: "ignore" }).status === 0;
}

/** @returns What went wrong, its last lines; nothing when all was well. */
async function run(path: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<string | undefined> {
  const child = spawn(path, args, { env: { ...process.env, ...environment }, stdio: ["ignore", "pipe", "pipe"] });
  const said: Buffer[] = [];
  child.stdout.on("data", (piece: Buffer) => said.push(piece));
  child.stderr.on("data", (piece: Buffer) => said.push(piece));
  const code = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (code === 0) return undefined;
  const lines = Buffer.concat(said).toString().trim().split("\n");
  return lines.slice(-12).join("\n") || `${path} ended with ${code}`;
}

/** Test files run in processes of their own: one of them installs, the others wait for it. */
async function alone<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const lock = `${folder}.lock`;
  await mkdir(join(folder, ".."), { recursive: true });
  while (!(await take(lock))) {
    const holder = Number(await readFile(lock, "utf8").catch(() => ""));
    // A process that was killed leaves its lock behind.
    if (holder > 0 && !isAlive(holder)) await rm(lock, { force: true });
    else await sleep(200);
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function take(lock: string): Promise<boolean> {
  try {
    await writeFile(lock, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

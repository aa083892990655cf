import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { main } from "./main.ts";

/** What one command line left behind. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The program in this process with a folder of its own, where it looks for the workspace. */
export interface TestProgram {
  readonly folder: string;
  /** Runs a command line as a person would in the folder. */
  tilth(...args: readonly string[]): Promise<Ran>;
  /** Runs with `--json` and parses standard output as one JSON value; nothing else may stand there. */
  json(expectedCode: number, ...args: readonly string[]): Promise<unknown>;
  /** Writes rows as JSON Lines and gives the path. */
  writeRows(name: string, rows: readonly object[]): Promise<string>;
  end(): Promise<void>;
}

/** Makes the folder, and a workspace in it where packs are named. */
export async function openTestProgram(packs?: readonly string[]): Promise<TestProgram> {
  const folder = await mkdtemp(join(tmpdir(), "tilth-cli-"));
  const tilth = (...args: readonly string[]): Promise<Ran> => run([...args, "-w", folder]);
  if (packs !== undefined) await tilth("init", ...packs.flatMap((pack) => ["--pack", pack]));
  return {
    folder,
    tilth,
    async json(expectedCode, ...args) {
      const { code, out, err } = await tilth(...args, "--json");
      if (code !== expectedCode) throw new Error(`tilth ${args.join(" ")} ended with ${code}: ${err}${out}`);
      return JSON.parse(out);
    },
    async writeRows(name, rows) {
      const path = join(folder, name);
      await writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
      return path;
    },
    end: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Runs a command line in this process with its output caught, without colours whatever the environment says. */
export async function run(args: readonly string[]): Promise<Ran> {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  delete process.env["FORCE_COLOR"];
  process.env["NO_COLOR"] = "1";
  try {
    const { result, out, err } = await caught(() => main(args));
    return { code: result, out, err };
  } finally {
    setVariable("NO_COLOR", NO_COLOR);
    setVariable("FORCE_COLOR", FORCE_COLOR);
  }
}

/** Does something and catches what it writes to standard output and standard error meanwhile. */
export async function caught<T>(work: () => Promise<T> | T): Promise<{ readonly result: T; readonly out: string; readonly err: string }> {
  const [out, err] = [catchWrites(process.stdout), catchWrites(process.stderr)];
  try {
    const result = await work();
    return { result, out: out.text(), err: err.text() };
  } finally {
    out.release();
    err.release();
  }
}

function catchWrites(stream: NodeJS.WriteStream): { text(): string; release(): void } {
  const write = Object.getOwnPropertyDescriptor(stream, "write");
  const pieces: string[] = [];
  Object.defineProperty(stream, "write", {
    configurable: true,
    value: (piece: string | Uint8Array) => {
      pieces.push(Buffer.from(piece).toString());
      return true;
    },
  });
  return {
    text: () => pieces.join(""),
    release() {
      if (write === undefined) Reflect.deleteProperty(stream, "write");
      else Object.defineProperty(stream, "write", write);
    },
  };
}

function setVariable(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}

/** Rows of four sorts of answers, two of them equal, one without an answer. */
export const exchanges: readonly object[] = [
  { question: "How deep should I sow beans?", answer: "Four to five centimetres, in soil that has warmed to ten degrees." },
  { question: "Whom do I ask about slugs?", answer: "Write to ana@example.org, she has kept ducks for years and knows them all." },
  { question: "How deep should I sow beans?", answer: "Four to five centimetres, in soil that has warmed to ten degrees." },
  { question: "When is the first frost?", answer: " " },
];

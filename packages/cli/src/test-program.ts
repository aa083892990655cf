import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunningServer } from "@tilth/server";
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
  /** Of the server, over HTTP once something was asked of it. */
  readonly address: () => string | undefined;
  /** Does something while the environment holds the key of the server. */
  withKey<T>(work: () => Promise<T>): Promise<T>;
  /** Reads a file by the path that was printed, or by the address where the server gives it. */
  read(place: string): Promise<string>;
  /** Writes rows as JSON Lines and gives the path. */
  writeRows(name: string, rows: readonly object[]): Promise<string>;
  end(): Promise<void>;
}

/** Makes the folder, and a workspace in it where packs are named. */
export async function openTestProgram(
  packs?: readonly string[],
  { overHttp = isOverHttp }: { readonly overHttp?: boolean } = {},
): Promise<TestProgram> {
  const folder = await mkdtemp(join(tmpdir(), "tilth-cli-"));
  if (packs !== undefined) await run(["init", "-w", folder, ...packs.flatMap((pack) => ["--pack", pack])]);
  const door = packs !== undefined && overHttp ? httpDoor(folder) : folderDoor(folder);
  const { tilth } = door;
  return {
    folder,
    tilth,
    async json(expectedCode, ...args) {
      const { code, out, err } = await tilth(...args, "--json");
      if (code !== expectedCode) throw new Error(`tilth ${args.join(" ")} ended with ${code}: ${err}${out}`);
      return JSON.parse(out);
    },
    address: door.address,
    withKey: door.withKey,
    read: door.read,
    async writeRows(name, rows) {
      const path = join(folder, name);
      await writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
      return path;
    },
    async end() {
      await door.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The tests of commands run twice: against the folder, and over HTTP against a server of it. */
const isOverHttp: boolean = process.env["TILTH_TEST_DOOR"] === "url";

interface Door {
  readonly tilth: (...args: readonly string[]) => Promise<Ran>;
  readonly address: () => string | undefined;
  readonly withKey: <T>(work: () => Promise<T>) => Promise<T>;
  readonly read: (place: string) => Promise<string>;
  readonly close: () => Promise<void>;
}

function folderDoor(folder: string): Door {
  return {
    tilth: (...args) => run([...args, "-w", folder]),
    address: () => undefined,
    withKey: (work) => work(),
    read: (place) => readFile(place, "utf8"),
    close: async () => undefined,
  };
}

/** A server in this process, begun by the first command line: what a test writes into the folder before it is there by then. */
function httpDoor(folder: string): Door {
  let begun: ReturnType<typeof serveTest> | undefined;
  let address: string | undefined;
  const begin = async (): Promise<Awaited<NonNullable<typeof begun>>> => {
    const serving = await (begun ??= serveTest(folder));
    ({ address } = serving.server);
    return serving;
  };
  const withKey: Door["withKey"] = async (work) => {
    process.env["TILTH_KEY"] = (await begin()).key;
    try {
      return await work();
    } finally {
      delete process.env["TILTH_KEY"];
    }
  };
  return {
    tilth: (...args) => withKey(() => run([...args, "--url", address ?? ""])),
    address: () => address,
    withKey,
    async read(place) {
      const { key } = await begin();
      return (await fetch(place, { headers: { authorization: `Bearer ${key}` } })).text();
    },
    async close() {
      const { server } = (await begun) ?? {};
      await server?.close();
    },
  };
}

async function serveTest(folder: string): Promise<{ readonly server: RunningServer; readonly key: string }> {
  const { out } = await run(["key", "create", "the-tests", "--role", "admin", "--json", "-w", folder]);
  const { key }: { readonly key: string } = JSON.parse(out);
  const { startServer } = await import("@tilth/server");
  // The machine of the tests may be busy with others.
  const server = await startServer({ folder, port: 0, toolVersion: "0.0.0", limits: { loopDelayMs: Infinity } });
  return { server, key };
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

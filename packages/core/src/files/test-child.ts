import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** What a process of its own made of a file. */
export interface ChildReading {
  readonly kind: string;
  readonly rows: number;
  /** The first twenty. */
  readonly problems: readonly string[];
  readonly notes: readonly string[];
  readonly error?: { readonly code: string; readonly message: string };
  /** The most memory the process held at any time. */
  readonly peakBytes: number;
}

/** Reads a path in a process of its own, or its standard input where bytes are given, as a command would: recognise, read, count. */
export async function readInChild(from: string | Readable): Promise<ChildReading> {
  const path = typeof from === "string" ? [from] : [];
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script, ...path], { stdio: ["pipe", "pipe", "inherit"] });
  const output = child.stdout.setEncoding("utf8").toArray();
  if (typeof from === "string") child.stdin.end();
  else {
    // A reader that has enough closes its end.
    await pipeline(from, child.stdin).catch((error: unknown) => {
      if (!(error instanceof Error && "code" in error && ["EPIPE", "ECONNRESET"].includes(String(error.code)))) throw error;
    });
  }
  const reading: ChildReading = JSON.parse((await output).join(""));
  return reading;
}

/** Linux counts what the parent held into `maxRSS`; the high-water mark of the process itself starts anew. */
const script = `
import { readFileSync } from "node:fs";
import { detectFileKind } from ${JSON.stringify(import.meta.resolve("./detect.ts"))};
import { fileSource, standardInput } from ${JSON.stringify(import.meta.resolve("./source.ts"))};

const path = process.argv[1];
const reading = { kind: "", rows: 0, problems: [], notes: [] };
try {
  const { kind, source } = await detectFileKind(path === undefined ? standardInput() : await fileSource(path));
  reading.kind = kind.name;
  for await (const batch of kind.read(source, { note: (note) => reading.notes.push(note.message) })) {
    for (const record of batch.records) {
      if (!("problem" in record)) reading.rows++;
      else if (reading.problems.length < 20) reading.problems.push(record.problem);
    }
  }
} catch (error) {
  reading.error = { code: error.code ?? "", message: error.message };
}
reading.peakBytes = peakBytes();
process.stdout.write(JSON.stringify(reading));

function peakBytes() {
  if (process.platform !== "linux") return process.resourceUsage().maxRSS * 1024;
  return Number(/VmHWM:\\s+(\\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))[1]) * 1024;
}
`;

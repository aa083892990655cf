import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The program as it is started. */
export const program: string = fileURLToPath(new URL("../../packages/cli/bin/tilth.js", import.meta.url));

/** What one call of the program left behind. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A folder of its own and the program run in it as a process, the way a person does. */
export interface Journey {
  readonly folder: string;
  tilth(...args: readonly string[]): Promise<Ended>;
  /** Runs with `--json` and parses what was printed; fails with what was said when the exit code is another. */
  json(expectedCode: number, ...args: readonly string[]): Promise<Record<string, unknown>>;
  end(): Promise<void>;
}

export async function startJourney(): Promise<Journey> {
  const folder = await mkdtemp(join(tmpdir(), "tilth-journey-"));
  const tilth: Journey["tilth"] = (...args) => run(args, folder);
  return {
    folder,
    tilth,
    async json(expectedCode, ...args) {
      const ended = await run([...args, "--json"], folder);
      if (ended.code !== expectedCode) throw new Error(`tilth ${args.join(" ")} ended with ${ended.code}: ${ended.err}${ended.out}`);
      const value: Record<string, unknown> = JSON.parse(ended.out);
      return value;
    },
    end: () => rm(folder, { recursive: true, force: true }),
  };
}

function run(args: readonly string[], cwd: string): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], {
      cwd,
      env: { ...process.env, NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (piece: Buffer) => out.push(piece));
    child.stderr.on("data", (piece: Buffer) => err.push(piece));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() }));
  });
}

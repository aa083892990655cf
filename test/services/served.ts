import { spawn } from "node:child_process";
import { program } from "../journeys/tilth.ts";

/** A server as a process of its own. */
export interface ServedProcess {
  /** Such as `http://127.0.0.1:40123`. */
  readonly origin: string;
  /** Asks it to stop and resolves with its exit code. */
  end(): Promise<number | null>;
}

/**
 * Starts `tilth serve` in a folder, on a port that is free.
 *
 * @throws Error with what it said, where it ends before it listens.
 */
export async function serve(folder: string, ...options: readonly string[]): Promise<ServedProcess> {
  const child = spawn(process.execPath, [program, "serve", "--port", "0", ...options], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const origin = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (piece: Buffer) => {
        said += piece.toString();
        const [, found] = /listens on (http:\S+)/.exec(said) ?? [];
        if (found !== undefined) resolve(found);
      });
    child.once("error", reject);
    void ended.then((code) => reject(new Error(`tilth serve ended with ${code}: ${said}`)));
  });
  return {
    origin,
    end() {
      child.kill("SIGTERM");
      return ended;
    },
  };
}

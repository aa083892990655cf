import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A program that serves, in a process of its own. */
export interface Serving {
  /** `http://127.0.0.1:PORT`. */
  readonly address: string;
  /** Where its user signs in once; nothing where there is a key. */
  readonly signInLink?: string;
  /** All that it printed so far, both outputs. */
  said(): string;
  /** Resolves with the exit code, or the signal that ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
}

/** The script behind every npm script. */
export const runScript: string = fileURLToPath(new URL("../../scripts/run.mjs", import.meta.url));

/**
 * Starts Node with these arguments and waits until it says where it listens.
 *
 * @throws Error with what it said, where it ends before.
 */
export async function startServing(
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Serving> {
  const child = spawn(process.execPath, [...args], {
    ...options,
    env: { ...process.env, NO_COLOR: "1", ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  const ready = Promise.withResolvers<void>();
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once("close", (code, signal) => {
      resolve(code ?? signal);
      ready.reject(new Error(`it ended with ${code ?? signal}:\n${lines.join("\n")}`));
    });
  });
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      // The last thing it says: behind it stand address and link.
      if (line.includes("Ctrl-C stops it")) ready.resolve();
    });
  await ready.promise;
  const said = (): string => lines.join("\n");
  const address = /listens on (http:\S+)/.exec(said())?.[1] ?? "";
  const link = /http:\S+\/sign-in#\S+/.exec(said())?.[0];
  return {
    address,
    ...(link === undefined ? {} : { signInLink: link }),
    said,
    stop(signal = "SIGTERM") {
      child.kill(signal);
      return ended;
    },
  };
}

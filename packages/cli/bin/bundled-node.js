// Plain JavaScript for Node 18 and newer: it runs before anybody knows which Node this is.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The oldest major version of Node that can run Tilth. */
export const oldestMajor = 24;

/**
 * Whether a Node of this version can run Tilth.
 *
 * @param {string} version - As in `process.versions.node`.
 * @returns {boolean} True from the oldest supported major version on.
 */
export function isNewEnough(version) {
  return Number.parseInt(version, 10) >= oldestMajor;
}

/**
 * Finds the Node that npm installed beside the other packages, from a folder upwards.
 *
 * By its path and never through `node_modules/.bin/node`: npm 10 drops that link when several platforms are listed.
 *
 * @param {string} folder - Where to begin.
 * @returns {string | undefined} The path of the program; nothing on platforms without a package of their own, such as macOS.
 */
export function findBundledNode(folder) {
  const windows = process.platform === "win32";
  const name = `node-${windows ? "win" : process.platform}-${process.arch}`;
  const program = join(folder, "node_modules", name, "bin", windows ? "node.exe" : "node");
  if (existsSync(program)) return program;
  return dirname(folder) === folder ? undefined : findBundledNode(dirname(folder));
}

/**
 * Runs a program in this one's place: same input and output, signals passed on, and this process ends as the program ends.
 *
 * @param {string} program - Path of the program.
 * @param {readonly string[]} args - Its arguments.
 * @param {import("node:child_process").SpawnOptions} [options] - Folder and environment.
 */
export function runInstead(program, args, options = {}) {
  const child = spawn(program, args, { ...options, stdio: "inherit" });
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the whole group: the program has it already, and a second one often means "at once".
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
  }
  endWithNpm(() => child.kill("SIGTERM"));
  child.on("error", (error) => {
    console.error(`${program} cannot be started: ${error.message}`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/**
 * npm, when it is told to stop, ends itself and the shell between it and this process, which hears of nothing: a server would go on by itself.
 *
 * @param {() => void} end
 */
function endWithNpm(end) {
  if (process.env["npm_lifecycle_event"] === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    end();
  }, 500);
  timer.unref();
}

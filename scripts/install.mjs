// Plain JavaScript for Node 18 and newer: it runs before anything is installed.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findBundledNode } from "../packages/cli/bin/bundled-node.js";

/** npm 10 would rewrite the lock of a newer npm (`--no-save`), and a user who omits development packages could run nothing here. */
const command = ["install", "--no-audit", "--no-fund", "--no-save", "--include=dev", "--include=optional"];

/**
 * Installs the packages when they are missing or no longer what package.json and package-lock.json ask for.
 *
 * @param {string} root - Folder of the repository.
 * @returns {Promise<void>} Resolves when everything is there; the process ends with a clear message when npm fails.
 */
export async function installWhatIsMissing(root) {
  if (isInstalled(root)) return;
  const packages = join(root, "node_modules");
  const first = !existsSync(packages);
  const stop = showProgress(first ? "Installing the packages (once, about 30 s and 450 MB)" : "Bringing the packages up to date");
  const npm = await runNpm(root);
  stop(npm.code === 0 ? "done" : "failed");
  if (npm.said !== "") process.stderr.write(npm.said);
  if (npm.code !== 0) {
    console.error("npm could not install the packages: its own words stand above. Mend that, or run `npm install`, and start again.");
    process.exit(1);
  }
  mkdirSync(packages, { recursive: true });
  writeFileSync(stampOf(root), wanted(root));
}

/** @param {string} root */
function isInstalled(root) {
  const stamp = stampOf(root);
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted(root)) return false;
  return process.platform === "darwin" || findBundledNode(root) !== undefined;
}

/** @param {string} root */
function stampOf(root) {
  return join(root, "node_modules", ".tilth-installed");
}

/**
 * One hash over everything that decides what is installed, so that a pull that changes it is noticed.
 *
 * @param {string} root
 */
function wanted(root) {
  const hash = createHash("sha256").update(`${process.platform}-${process.arch}`);
  const packages = readdirSync(join(root, "packages")).sort();
  const files = ["package.json", "package-lock.json", ...packages.map((name) => join("packages", name, "package.json"))];
  for (const file of files) {
    const path = join(root, file);
    if (existsSync(path)) hash.update(`\n${file}\n`).update(readFileSync(path));
  }
  return hash.digest("hex");
}

/**
 * @param {string} root
 * @returns {Promise<{ code: number, said: string }>}
 */
function runNpm(root) {
  const own = process.env["npm_execpath"];
  // The npm that started this script; without one (a direct call) the one on the path, which is a script on Windows.
  const child = own?.endsWith(".js")
    ? spawn(process.execPath, [own, ...command], { cwd: root, stdio: ["ignore", "ignore", "pipe"] })
    : spawn("npm", command, { cwd: root, stdio: ["ignore", "ignore", "pipe"], shell: process.platform === "win32" });
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text) => (said += text));
  return new Promise((resolve) => {
    child.on("error", (error) => resolve({ code: 1, said: `${error.message}\n` }));
    child.on("close", (code) => resolve({ code: code ?? 1, said: withoutEngineNoise(said) }));
  });
}

/**
 * The packages ask for a newer Node than the one that installs them; the one that runs them is among them.
 *
 * @param {string} said
 */
function withoutEngineNoise(said) {
  return said.replaceAll(/^npm (?:warn|WARN) EBADENGINE.*\n/gm, "");
}

/**
 * Counts the seconds on a terminal; elsewhere says so every ten, so that no log looks stuck.
 *
 * @param {string} what
 */
function showProgress(what) {
  const startMs = Date.now();
  const elapsed = () => `${Math.round((Date.now() - startMs) / 1000)} s`;
  const live = process.stderr.isTTY;
  process.stderr.write(live ? `${what} …` : `${what} …\n`);
  const timer = setInterval(() => process.stderr.write(live ? `\r${what} … ${elapsed()}` : `… ${elapsed()}\n`), live ? 1000 : 10_000);
  return (/** @type {string} */ end) => {
    clearInterval(timer);
    process.stderr.write(live ? `\r${what}: ${end} after ${elapsed()}\n` : `${end} after ${elapsed()}\n`);
  };
}

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { findBundledNode, isNewEnough } from "../packages/cli/bin/bundled-node.js";
import { root } from "./house.ts";

const launcher = pathToFileURL(join(root, "packages/cli/bin/bundled-node.js")).href;
const command = join(root, "packages/cli/bin/tilth.js");
const bundled = findBundledNode(join(root, "packages/core/src"));

test.each([
  ["18.20.8", false],
  ["20.20.2", false],
  ["24.0.0", true],
  ["101.0.0", true],
])("Node %s can run Tilth: %s", (version, expected) => {
  expect(isNewEnough(version)).toBe(expected);
});

test.skipIf(bundled === undefined)("everything runs on the Node of the repository, found by its path (skipped where npm has none)", () => {
  expect(relative(root, bundled ?? "").replaceAll("\\", "/")).toMatch(/^node_modules\/node-(linux|win)-(x64|arm64)\/bin\/node/);
  const { stdout } = spawnSync(bundled ?? "", ["--version"], { encoding: "utf8" });
  expect(isNewEnough(stdout.slice(1))).toBe(true);
});

test("there is no Node above the top of the file system", () => {
  expect(findBundledNode("/")).toBeUndefined();
});

test.skipIf(bundled === undefined)("the command starts itself again on that Node when its own is too old", () => {
  const args = ["--version"];
  const pretend = 'data:text/javascript,Object.defineProperty(process,"versions",{value:{node:"20.0.0"}})';
  const [direct, again] = [
    [command, ...args],
    ["--import", pretend, command, ...args],
  ].map((words) => spawnSync(process.execPath, words, { encoding: "utf8" }));
  expect(again?.stdout).toBe(direct?.stdout);
  expect(again?.stderr).toBe(direct?.stderr);
  expect(again?.status).toBe(direct?.status);
});

test("a program started instead ends as it ends itself", async () => {
  expect(await started("process.exit(7)")).toEqual([7, null]);
  expect(await started("process.kill(process.pid, 'SIGKILL')")).toEqual([null, "SIGKILL"]);
});

test("a program started instead hears the signals and can finish its work", async () => {
  const careful = "process.on('SIGTERM', () => setTimeout(() => process.exit(3), 50)); console.log('ready'); setInterval(() => {}, 1000)";
  expect(await started(careful, "SIGTERM")).toEqual([3, null]);
});

test("an unknown script is refused with the names of those there are", () => {
  const { status, stderr } = spawnSync(process.execPath, [join(root, "scripts/run.mjs"), "tset"], { encoding: "utf8" });
  expect(status).toBe(2);
  expect(stderr).toContain('There is no script "tset"');
  expect(stderr).toContain("test:package");
});

/** Runs a script the way the repository's scripts are run; sends it a signal once it has said that it is ready. */
async function started(script: string, signal?: NodeJS.Signals): Promise<unknown[]> {
  const launch = `import { runInstead } from ${JSON.stringify(launcher)}; runInstead(process.execPath, ["-e", ${JSON.stringify(script)}]);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", launch], { stdio: ["ignore", "pipe", "inherit"] });
  if (signal !== undefined) child.stdout.once("data", () => child.kill(signal));
  return once(child, "exit");
}

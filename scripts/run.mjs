// Every npm script is `node scripts/run.mjs NAME`. Plain JavaScript for Node 18 and newer: installs what is missing,
// then starts the real command in a new process on the Node that was installed.
import { existsSync, readdirSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findBundledNode, isNewEnough, oldestMajor, runInstead } from "../packages/cli/bin/bundled-node.js";
import { installWhatIsMissing } from "./install.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const vitest = "node_modules/vitest/vitest.mjs";

/**
 * What each script runs: a file of the repository and its first arguments.
 *
 * @type {Readonly<Record<string, readonly [string, ...string[]]>>}
 */
const commands = {
  start: ["scripts/start.mjs"],
  test: [vitest, "run", "--project", "local", "--project", "remote"],
  "test:interop": [vitest, "run", "--project", "interop", "--passWithNoTests"],
  "test:browser": [vitest, "run", "--project", "browser"],
  "test:package": [vitest, "run", "--project", "package"],
  "test:services": [vitest, "run", "--project", "services"],
  check: ["scripts/check.mjs"],
  format: ["node_modules/oxfmt/bin/oxfmt"],
  build: ["scripts/build.mjs"],
  docs: ["scripts/docs.mjs"],
  kernels: ["scripts/kernels.mjs"],
  client: ["scripts/client.mjs"],
  tilth: ["packages/cli/bin/tilth.js"],
  ...benches(),
};

const args = process.argv.slice(2);
const length = args[0] === "bench" ? 2 : 1;
const name = args.slice(0, length).join(" ");
const command = commands[name];
if (command === undefined) {
  console.error(`There is no script "${name}". There are: ${Object.keys(commands).join(", ")}.`);
  process.exit(2);
}

await installWhatIsMissing(root);
const node = nodeToRunOn();
const [file, ...first] = command;
runInstead(
  node,
  ["--conditions=tilth-source", "--disable-warning=ExperimentalWarning", join(root, file), ...first, ...args.slice(length)],
  {
    // A path given to the command line counts from where the person stands, not from the repository.
    cwd: name === "tilth" ? (process.env["INIT_CWD"] ?? root) : root,
    env: { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env["PATH"] ?? ""}` },
  },
);

/** `npm run bench -- NAME` runs `bench/NAME.ts`. */
function benches() {
  const folder = join(root, "bench");
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts")) : [];
  return Object.fromEntries(files.map((file) => [`bench ${file.slice(0, -3)}`, /** @type {const} */ ([`bench/${file}`])]));
}

/** The installed Node; where there is none for the platform (macOS), the user's own. */
function nodeToRunOn() {
  const bundled = findBundledNode(root);
  if (bundled !== undefined) return bundled;
  if (isNewEnough(process.versions.node)) return process.execPath;
  console.error(
    `Tilth needs Node ${oldestMajor} or newer, and npm has none for ${process.platform}-${process.arch}. ` +
      `This is ${process.version}: install a newer one from https://nodejs.org and start again.`,
  );
  process.exit(1);
}

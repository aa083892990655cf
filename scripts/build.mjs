// Builds what is published: JavaScript and declarations by the compiler, then the files that lie beside the sources.
import { spawnSync } from "node:child_process";
import { cpSync, readdirSync, rmSync, statSync } from "node:fs";
import { dirname, extname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** `.md`: the notice beside a table that was made from the work of others. */
const assets = new Set([".yaml", ".sql", ".wasm", ".json", ".txt", ".bin", ".md"]);
const packages = ["core", "server", "cli"];

for (const name of packages) rmSync(join(root, "packages", name, "dist"), { recursive: true, force: true });
const compiler = join(root, "node_modules/typescript/bin/tsc");
// Forced: the compiler remembers what it wrote, not that it was removed.
const { status } = spawnSync(process.execPath, [compiler, "-b", "--force", "packages/cli/tsconfig.build.json"], {
  cwd: root,
  stdio: "inherit",
});
if (status !== 0) process.exit(status ?? 1);
for (const name of packages) {
  const source = join(root, "packages", name, "src");
  const target = join(root, "packages", name, "dist");
  cpSync(join(root, "LICENSE"), join(root, "packages", name, "LICENSE"));
  cpSync(source, target, { recursive: true, filter: (path) => isAsset(source, path) });
}

/**
 * Folders, so that the copy walks on, and shipped files; nothing that only tests read.
 *
 * @param {string} source
 * @param {string} path
 */
function isAsset(source, path) {
  if (/(^|[\\/])(fixtures|golden)([\\/]|$)/.test(relative(source, path))) return false;
  return statSync(path).isDirectory() ? holdsAsset(path) : assets.has(extname(path));
}

/**
 * @param {string} folder
 * @returns {boolean}
 */
function holdsAsset(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true }).some((entry) => entry.isFile() && assets.has(extname(entry.name)));
}

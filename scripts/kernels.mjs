// Compiles the AssemblyScript of the kernels to the `.wasm` beside it. With `--check` it writes nothing and compares every byte.
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const sources = globSync("packages/core/src/{text,similarity}/kernels/**/*.as.ts", { cwd: root }).map(slashes).sort();
const check = process.argv.includes("--check");
let behind = 0;
for (const source of sources) {
  const target = source.replace(/\.as\.ts$/, ".wasm");
  const bytes = await compile(source);
  const path = join(root, target);
  const same = existsSync(path) && readFileSync(path).equals(bytes);
  if (!same && !check) writeFileSync(path, bytes);
  if (!same && check) behind++;
  console.log(`${same ? "as it was" : check ? "DIFFERS  " : "written  "}  ${target}, ${bytes.length} bytes`);
}
if (behind > 0) {
  console.error(`${behind} of ${sources.length} differ from their source. Run \`npm run kernels\` and commit what it writes.`);
  process.exitCode = 1;
}

/**
 * The compiler is WebAssembly itself, so the same source gives the same bytes on every platform.
 *
 * @param {string} source - From the repository's folder, with forward slashes.
 */
async function compile(source) {
  /** @type {Uint8Array | undefined} */
  let bytes;
  let said = "";
  const { error } = await asc.main([source, "--outFile", "kernels.wasm", "-O3", "--noAssert", "--runtime", "stub", "--enable", "simd"], {
    readFile: (name, folder) => {
      const path = join(root, folder, name);
      return existsSync(path) ? readFileSync(path, "utf8") : null;
    },
    writeFile: (_, contents) => {
      if (typeof contents !== "string") bytes = contents;
    },
    listFiles: () => [],
    stderr: {
      write: (text) => {
        said += String(text);
      },
    },
  });
  if (error !== null || bytes === undefined) throw new Error(`${source} does not compile.\n${said}`, { cause: error });
  return Buffer.from(bytes);
}

/** @param {string} path */
function slashes(path) {
  return path.replaceAll("\\", "/");
}

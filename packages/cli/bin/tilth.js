#!/usr/bin/env node
// Plain JavaScript for Node 18 and newer: finds a Node that can run Tilth, then Tilth itself.
import { existsSync } from "node:fs";
import module from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import v8 from "node:v8";
import { findBundledNode, isNewEnough, oldestMajor, runInstead } from "./bundled-node.js";
import { limitYoungGeneration } from "./young-generation.js";

const here = fileURLToPath(import.meta.url);

if (isNewEnough(process.versions.node)) await run();
else runOnBundledNode();

async function run() {
  hideWarningsOfSqlite();
  keepCompiledCode();
  limitYoungGeneration();
  // V8 13.6 crashes now and then where it compiles the passage from WebAssembly to JavaScript anew in a thread; Node itself uses it in each.
  v8.setFlagsFromString("--wasm-wrapper-tiering-budget=1000000000");
  /** @type {typeof import("../src/main.ts")} */
  const { main } = await import(entry().href);
  process.exitCode = await main(process.argv.slice(2));
}

/** The sources where there are any (a checkout), else what was built from them (an installed package). */
function entry() {
  const source = new URL("../src/main.ts", import.meta.url);
  if (!existsSync(source)) return new URL("../dist/main.js", import.meta.url);
  // The same as starting Node with --conditions=tilth-source, without the price of one more process.
  module.registerHooks({
    resolve: (specifier, context, next) => next(specifier, { ...context, conditions: [...context.conditions, "tilth-source"] }),
  });
  return source;
}

/**
 * Node keeps what it compiled (of sources: also what it made of TypeScript) beside other temporary files, and reads it again at the next start.
 * The variable tells threads, which do not inherit the setting.
 */
function keepCompiledCode() {
  process.env["NODE_COMPILE_CACHE"] ??= join(tmpdir(), "node-compile-cache");
  module.enableCompileCache(process.env["NODE_COMPILE_CACHE"]);
}

/** Early releases of Node 24 call `node:sqlite` experimental on the error output of every command. */
function hideWarningsOfSqlite() {
  const emitWarning = process.emitWarning.bind(process);
  process.emitWarning = (/** @type {unknown[]} */ ...args) => {
    if (!String(args[0]).startsWith("SQLite is an experimental feature")) Reflect.apply(emitWarning, undefined, args);
  };
}

function runOnBundledNode() {
  const node = findBundledNode(dirname(here));
  if (node !== undefined) return runInstead(node, [here, ...process.argv.slice(2)]);
  console.error(
    `Tilth needs Node ${oldestMajor} or newer and found ${process.version}. Install it from https://nodejs.org, or run npm install here.`,
  );
  process.exitCode = 2;
}

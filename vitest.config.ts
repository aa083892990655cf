import { defineConfig } from "vitest/config";

/** Suites that need more than this machine's Node: other tools, a browser, a server, a registry. */
const elsewhere = ["test/interop/**", "test/browser/**", "test/services/**", "test/package.test.ts"];
const report = process.env["TILTH_TEST_REPORT"];

export default defineConfig({
  // Tests, and the workers and processes they start, meet the packages as sources.
  ssr: { resolve: { conditions: ["tilth-source", "node", "module"] } },
  test: {
    // Machines are shared: a limit is there for what hangs, not for what is slow.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // V8 13.6 crashes now and then where it compiles the passage from WebAssembly to JavaScript anew in a thread (seen: TierUpWasmToJSWrapper).
    execArgv: ["--wasm-wrapper-tiering-budget=1000000000"],
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]],
    projects: [
      {
        extends: true,
        test: { name: "local", include: ["packages/*/src/**/*.test.ts", "test/**/*.test.ts"], exclude: elsewhere },
      },
      { extends: true, test: { name: "interop", include: ["test/interop/**/*.test.ts"], testTimeout: 300_000 } },
      { extends: true, test: { name: "package", include: ["test/package.test.ts"], testTimeout: 300_000, hookTimeout: 300_000 } },
    ],
  },
});

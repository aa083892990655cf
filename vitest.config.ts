import { defineConfig } from "vitest/config";
import { leftOut } from "./packages/cli/src/test-left-out.ts";

/** Suites that need more than this machine's Node: other tools, a browser, a server, a registry. */
const elsewhere = ["test/interop/**", "test/browser/**", "test/services/**", "test/package.test.ts"];
const report = process.env["TILTH_TEST_REPORT"];

const wholeFilesLeftOut = Object.keys(leftOut).filter((file) => leftOut[file]?.["*"] !== undefined);

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
      {
        extends: true,
        // The same tests of commands, each command line over HTTP.
        test: {
          name: "remote",
          include: ["packages/cli/src/commands/*.test.ts"],
          exclude: wholeFilesLeftOut.map((file) => `packages/cli/src/commands/${file}`),
          env: { TILTH_TEST_DOOR: "url" },
          setupFiles: ["packages/cli/src/test-over-http.ts"],
          globalSetup: ["packages/cli/src/test-tell-left-out.ts"],
        },
      },
      { extends: true, test: { name: "interop", include: ["test/interop/**/*.test.ts"], testTimeout: 300_000 } },
      {
        extends: true,
        test: { name: "services", include: ["test/services/**/*.test.ts"], testTimeout: 600_000, hookTimeout: 300_000 },
      },
      { extends: true, test: { name: "browser", include: ["test/browser/**/*.test.ts"] } },
      { extends: true, test: { name: "package", include: ["test/package.test.ts"], testTimeout: 300_000, hookTimeout: 300_000 } },
    ],
  },
});

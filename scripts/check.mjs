// Everything that is checked without running the product: types, lint, format, unused code, the house.
import { spawnSync } from "node:child_process";

const steps = [
  { name: "types", args: ["node_modules/typescript/bin/tsc", "-b"], wayOut: "The compiler's words stand above." },
  { name: "lint", args: ["node_modules/oxlint/bin/oxlint"], wayOut: "Each finding above names its place and its rule." },
  { name: "format", args: ["node_modules/oxfmt/bin/oxfmt", "--check"], wayOut: "Run `npm run format`." },
  { name: "kernels", args: ["scripts/kernels.mjs", "--check"], wayOut: "Run `npm run kernels` and commit what it writes." },
  { name: "client", args: ["scripts/client.mjs", "--check"], wayOut: "Run `npm run client` and commit what it writes." },
  { name: "unused code", args: ["node_modules/knip/bin/knip.js", "--no-config-hints"], wayOut: "Use it, or take it away." },
  {
    name: "house",
    args: ["node_modules/vitest/vitest.mjs", "run", "--project", "local", "test/house.test.ts"],
    wayOut: "Each failure names its file; where docs/errors.md is behind, run `npm run docs`.",
  },
];

const results = steps.map((step) => {
  console.log(`\n== ${step.name}`);
  const startMs = Date.now();
  const { status } = spawnSync(process.execPath, step.args, { stdio: "inherit" });
  return { ...step, passed: status === 0, seconds: ((Date.now() - startMs) / 1000).toFixed(1) };
});

console.log();
for (const { name, passed, seconds, wayOut } of results) {
  console.log(`${passed ? "passed" : "FAILED"}  ${name.padEnd(12)} ${seconds.padStart(5)} s${passed ? "" : `  ${wayOut}`}`);
}
process.exitCode = results.every((result) => result.passed) ? 0 : 1;

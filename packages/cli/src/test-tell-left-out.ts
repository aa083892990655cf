import { leftOut } from "./test-left-out.ts";

/** Says before the project `remote` runs what it leaves out, and why. */
export function setup(): void {
  const lines = Object.entries(leftOut).flatMap(([file, tests]) =>
    Object.entries(tests).map(([name, reason]) => `  ${file}${name === "*" ? "" : `: ${name}`} (${reason})`),
  );
  console.log(`Not over HTTP:\n${lines.join("\n")}`);
}

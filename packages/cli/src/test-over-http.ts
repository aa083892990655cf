// Set-up of the project `remote`: passes over the tests that make sense locally alone.
import { basename } from "node:path";
import { afterAll, beforeEach } from "vitest";
import { leftOut, reasonToLeaveOut } from "./test-left-out.ts";

const met = new Set<string>();
let file = "";

beforeEach(({ task, skip }) => {
  file = basename(task.file.filepath);
  met.add(task.name);
  const reason = reasonToLeaveOut(file, task.name);
  if (reason !== undefined) skip(reason);
});

afterAll(() => {
  const stale = Object.keys(leftOut[file] ?? {}).filter((name) => name !== "*" && !met.has(name));
  if (stale.length > 0) throw new Error(`test-left-out.ts names tests that ${file} does not have: ${stale.join("; ")}`);
});

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { takeHold } from "./hold.ts";

const folder = mkdtempSync(join(tmpdir(), "tilth-hold-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("one has it, until it is let go", () => {
  const path = join(folder, "one");
  const first = takeHold(path);
  expect(first).toBeDefined();
  expect(takeHold(path)).toBeUndefined();
  first?.release();
  const second = takeHold(path);
  expect(second).toBeDefined();
  second?.release();
});

test("a process that is killed has let go", async () => {
  const path = join(folder, "killed");
  const source = `import { takeHold } from ${JSON.stringify(new URL("hold.ts", import.meta.url).href)};
    globalThis.held = takeHold(process.argv[1]); process.stdout.write(String(held !== undefined)); setInterval(() => held, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", source, path], { stdio: ["ignore", "pipe", "inherit"] });
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  expect(said.toString()).toBe("true");
  expect(takeHold(path)).toBeUndefined();
  child.kill("SIGKILL");
  await once(child, "exit");
  const hold = takeHold(path);
  expect(hold).toBeDefined();
  hold?.release();
});

test("a place that cannot be written says so", () => {
  expect(() => takeHold(join(folder, "missing", "hold"))).toThrow(expect.objectContaining({ code: "storage/not-writable" }));
});

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestProgram } from "../test-program.ts";
import { openTestProgram } from "../test-program.ts";

const bin = fileURLToPath(new URL("../../bin/tilth.js", import.meta.url));

let program: TestProgram;
beforeAll(async () => {
  program = await openTestProgram(["assistant"]);
});
afterAll(() => program.end());

/** The program in a process of its own, as far as its first line. */
async function serve(...args: readonly string[]): Promise<{ readonly line: string; stop(signal: NodeJS.Signals): Promise<number | null> }> {
  const child = spawn(process.execPath, [bin, "serve", "--port", "0", "-w", program.folder, ...args], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  for await (const line of createInterface({ input: child.stdout })) {
    return {
      line,
      stop(signal) {
        child.stdout.resume();
        child.kill(signal);
        return ended;
      },
    };
  }
  throw new Error(`the server ended with ${await ended}`);
}

test.each(["SIGTERM", "SIGINT"] as const)("prints its address, answers, and ends in order at %s", { timeout: 60_000 }, async (signal) => {
  const server = await serve();
  const address = /http:\/\/127\.0\.0\.1:\d+/.exec(server.line)?.[0];
  expect(await (await fetch(`${address}/health`)).json()).toMatchObject({ status: "healthy", directories_ok: true });
  expect((await fetch(`${address}/api/training-data/workspace`)).status).toBe(200);
  expect(await server.stop(signal)).toBe(0);
});

test("prints one value for programs", { timeout: 60_000 }, async () => {
  const server = await serve("--json");
  expect(server.line).toBe("{"); // of an object over several lines
  expect(await server.stop("SIGTERM")).toBe(0);
});

test.each([
  [["--host", "0.0.0.0"], "Without keys the server listens on this machine alone, not on 0.0.0.0."],
  [["--port", "70000"], "ports from 0 to 65535"],
  [["--port", "many"], "ports from 0 to 65535"],
])("refuses %j with one sentence", async (args, told) => {
  expect(await program.tilth("serve", ...args)).toMatchObject({ code: 2, out: "", err: expect.stringContaining(told) });
});

import { errorCodes, TilthError } from "@tilth/core";
import type { ErrorCode, ErrorKind } from "@tilth/core";
import { afterEach, describe, expect, test } from "vitest";
import { exitCodeOf, printError } from "./failure.ts";
import { processTerminal } from "./terminal/terminal.ts";
import { caught } from "./test-program.ts";

afterEach(() => {
  delete process.env["TILTH_DEBUG"];
});

const missing = new TilthError("input/not-found", { path: "posts.csv" });
const interrupt = new DOMException("This operation was aborted", "AbortError");

async function printed(error: unknown, options: { readonly json?: boolean } = {}): Promise<{ readonly out: string; readonly err: string }> {
  const terminal = processTerminal({ json: options.json ?? false, color: false, quiet: false });
  const { out, err } = await caught(() => printError(terminal, error, { command: "import" }));
  return { out, err };
}

describe("exit codes", () => {
  // The table of architecture.md, section 6.
  const expected: Readonly<Record<ErrorKind, number>> = {
    input: 2,
    "not-found": 2,
    unsupported: 2,
    forbidden: 2,
    data: 3,
    limit: 3,
    conflict: 4,
    storage: 5,
  };

  test.each(Object.keys(errorCodes) as ErrorCode[])("%s ends as its kind says", (code) => {
    const details = new Proxy({}, { get: () => "x", has: () => true }) as never;
    expect(exitCodeOf(new TilthError(code, details))).toBe(expected[errorCodes[code].kind]);
  });

  test("130 after Ctrl-C, 70 for what should not happen", () => {
    expect(exitCodeOf(interrupt)).toBe(130);
    for (const error of [new TypeError("x is undefined"), "text", undefined, { kind: "input" }]) expect(exitCodeOf(error)).toBe(70);
  });
});

describe("what is said", () => {
  test("is one sentence with the code, on standard error", async () => {
    expect(await printed(missing)).toEqual({
      out: "",
      err: "error There is no file posts.csv. Check the spelling, or give the full path. [input/not-found]\n",
    });
  });

  test("is one value for a program", async () => {
    const { out, err } = await printed(missing, { json: true });
    expect(JSON.parse(out)).toEqual({ error: { code: "input/not-found", kind: "not-found", message: missing.message } });
    expect(err).toBe("");
    expect(JSON.parse((await printed(new TypeError("odd"), { json: true })).out)).toEqual({
      error: { code: "unexpected", message: "odd" },
    });
  });

  test("owns up to what should not happen", async () => {
    expect((await printed(new TypeError("x is undefined"))).err).toBe(
      "unexpected error x is undefined. This is a fault of Tilth: TILTH_DEBUG=1 shows where.\n",
    );
  });

  test("after Ctrl-C is how to go on", async () => {
    expect((await printed(interrupt)).err).toContain("the same `tilth import` goes on from there");
  });

  test("holds the stack only when asked for", async () => {
    expect((await printed(missing)).err).not.toContain("    at ");
    process.env["TILTH_DEBUG"] = "1";
    expect((await printed(missing)).err).toContain("failure.test.ts");
  });
});

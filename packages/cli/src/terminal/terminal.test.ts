import { WriteStream } from "node:tty";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { caught } from "../test-program.ts";
import { processTerminal } from "./terminal.ts";

const before = { ...process.env };
/** What Node looks at to tell how many colours a screen has. */
const aboutColors = [
  "NO_COLOR",
  "FORCE_COLOR",
  "NODE_DISABLE_COLORS",
  "TERM",
  "COLORTERM",
  "CI",
  "TEAMCITY_VERSION",
  "TMUX",
  "TERM_PROGRAM",
];
beforeEach(() => {
  for (const name of aboutColors) delete process.env[name];
});
afterEach(() => {
  Reflect.deleteProperty(process.stdout, "isTTY");
  Reflect.deleteProperty(process.stdout, "getColorDepth");
  for (const name of aboutColors) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
});

/** Standard output as it is on a screen with colours. */
function pretendScreen(): void {
  process.env["TERM"] = "xterm-256color";
  Object.defineProperty(process.stdout, "isTTY", { value: true, configurable: true });
  Object.defineProperty(process.stdout, "getColorDepth", {
    value: Reflect.get(WriteStream.prototype, "getColorDepth"),
    configurable: true,
  });
}

const green = (): string => processTerminal({ json: false, color: true, quiet: false }).style("green", "ok");

describe("colours", () => {
  test("are for screens", () => {
    expect(green()).toBe("ok");
    pretendScreen();
    expect(green()).toBe("\u001b[32mok\u001b[39m");
  });

  test("follow NO_COLOR and FORCE_COLOR", () => {
    process.env["FORCE_COLOR"] = "1";
    expect(green()).toBe("\u001b[32mok\u001b[39m");
    delete process.env["FORCE_COLOR"];
    pretendScreen();
    process.env["NO_COLOR"] = "1";
    expect(green()).toBe("ok");
  });

  test("can be left out altogether", () => {
    pretendScreen();
    expect(processTerminal({ json: false, color: false, quiet: false }).style("green", "ok")).toBe("ok");
  });
});

describe("streams", () => {
  test("results go to standard output, remarks to standard error", async () => {
    const terminal = processTerminal({ json: false, color: false, quiet: false });
    const { out, err } = await caught(() => {
      terminal.print("result");
      terminal.print();
      terminal.note("remark");
    });
    expect([out, err]).toEqual(["result\n\n", "remark\n"]);
  });

  test("for a program, standard output holds the one value and nothing else", async () => {
    const terminal = processTerminal({ json: true, color: true, quiet: false });
    const { out, err } = await caught(() => {
      terminal.print("for a person");
      terminal.printJson({ rows: 1 });
      terminal.note("remark");
    });
    expect([JSON.parse(out), err]).toEqual([{ rows: 1 }, "remark\n"]);
  });
});

test("is 80 columns wide where there is no screen", () => {
  expect(processTerminal({ json: false, color: false, quiet: false }).width).toBe(process.stdout.columns ?? 80);
});

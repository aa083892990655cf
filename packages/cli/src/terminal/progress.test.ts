import { WriteStream } from "node:tty";
import { expect, test } from "vitest";
import { createProgressLine, progressText } from "./progress.ts";

test("tells step, bar, share, rate and what is left", () => {
  const text = progressText(
    { step: "reading posts.csv", done: 25_000_000, total: 100_000_000, unit: "bytes", detail: "12,000 rows" },
    5_000,
  );
  expect(text).toBe(`reading posts.csv ${"█".repeat(6)}${"░".repeat(18)} 25 %  12,000 rows  5.0 MB/s, 15.0 s left`);
});

test("without a known end tells step and rate", () => {
  expect(progressText({ step: "verifying", done: 300, unit: "objects" }, 2_000)).toBe("verifying  150 objects/s");
  expect(progressText({ step: "reading", done: 0, total: 0, unit: "rows" }, 0)).toBe("reading  0 rows/s");
});

test("never shows more than all of it", () => {
  expect(progressText({ step: "reading", done: 12, total: 10, unit: "rows" }, 1_000)).toContain(`${"█".repeat(24)} 100 %`);
});

test("nothing is drawn where standard error is no screen, nor when it should be quiet", () => {
  const written: string[] = [];
  const stream = (isTTY: boolean): WriteStream =>
    Object.assign(Object.create(WriteStream.prototype), { isTTY, columns: 60, write: (text: string) => written.push(text) > 0 });
  for (const line of [createProgressLine(stream(false), false), createProgressLine(stream(true), true)]) {
    for (let done = 1; done <= 3; done++) line.show({ step: "reading", done, unit: "rows" });
    line.clear();
  }
  expect(written).toEqual([]);
});

test("is drawn on one line once an operation takes longer than a blink, and taken away", async () => {
  const written: string[] = [];
  const stream: WriteStream = Object.assign(Object.create(WriteStream.prototype), {
    isTTY: true,
    columns: 60,
    write: (text: string) => written.push(text) > 0,
  });
  const line = createProgressLine(stream, false);
  const progress = {
    step: "a step with a name that is longer than any screen is wide, and then some",
    done: 1,
    total: 2,
    unit: "rows",
  } as const;
  line.show(progress);
  line.clear();
  expect(written).toEqual([]);
  while (written.length === 0) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    line.show(progress);
  }
  expect(written[0]).toMatch(/^\r\x1b\[2Ka step with a name/);
  expect(written[0]?.length).toBeLessThanOrEqual(59 + "\r\x1b[2K".length);
  line.clear();
  line.clear();
  expect(written.slice(1)).toEqual(["\r\x1b[2K"]);
});

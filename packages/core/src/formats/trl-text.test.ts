import { expect, test } from "vitest";
import { linesOf, readOne, refusalOf, stored, writeAll } from "./contract.ts";
import { trlText } from "./trl-text.ts";

test("writes the text alone and reads it again", () => {
  const line = linesOf(trlText, [stored({ kind: "text", text: "gm ☀️\n" }, { tags: ["a"], metadata: { likes: 7 } })]);
  expect(line).toBe('{"text":"gm ☀️\\n"}\n');
  expect(readOne(trlText, JSON.parse(line))).toEqual({ kind: "text", text: "gm ☀️\n" });
});

test("keeps other columns as metadata", () => {
  expect(readOne(trlText, { text: "gm", likes: 7 })).toEqual({ kind: "text", text: "gm", metadata: { likes: 7 } });
});

test("refuses rows without a text, and other kinds", () => {
  expect(refusalOf(trlText, { note: "secret" })).toEqual({ refused: "incomplete", reason: "there is no `text`" });
  expect(refusalOf(trlText, { text: ["secret"] })).toEqual({ refused: "shape", reason: "`text` is no text" });
  expect(writeAll(trlText, [stored({ kind: "steps", prompt: "a", steps: [] })])).toEqual([{ refused: "kind" }]);
});

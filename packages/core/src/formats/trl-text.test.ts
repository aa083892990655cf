import { expect, test } from "vitest";
import { completion } from "./completion.ts";
import { linesOf, readOne, refusalOf, stored, writeAll } from "./contract.ts";
import { trlText } from "./trl-text.ts";

test.each([trlText, completion])("$name: writes the text alone and reads it again", (format) => {
  const line = linesOf(format, [stored({ kind: "text", text: "gm ☀️\n" }, { tags: ["a"], metadata: { likes: 7 } })]);
  expect(line).toBe('{"text":"gm ☀️\\n"}\n');
  expect(readOne(format, JSON.parse(line))).toEqual({ kind: "text", text: "gm ☀️\n" });
});

test.each([trlText, completion])("$name: keeps other columns, refuses rows without a text and other kinds", (format) => {
  expect(readOne(format, { text: "gm", likes: 7 })).toEqual({ kind: "text", text: "gm", metadata: { likes: 7 } });
  expect(refusalOf(format, { note: "secret" })).toEqual({ refused: "incomplete", reason: "there is no `text`" });
  expect(refusalOf(format, { text: ["secret"] })).toEqual({ refused: "shape", reason: "`text` is no text" });
  expect(writeAll(format, [stored({ kind: "steps", prompt: "a", steps: [] })])).toEqual([{ refused: "kind" }]);
});

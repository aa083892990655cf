import { expect, test } from "vitest";
import { completion } from "./completion.ts";
import { linesOf, readOne, stored } from "./contract.ts";

test("writes the text alone and reads it again", () => {
  const line = linesOf(completion, [stored({ kind: "text", text: "gm ☀️\n" }, { tags: ["a"], metadata: { likes: 7 } })]);
  expect(line).toBe('{"text":"gm ☀️\\n"}\n');
  expect(readOne(completion, JSON.parse(line))).toEqual({ kind: "text", text: "gm ☀️\n" });
});

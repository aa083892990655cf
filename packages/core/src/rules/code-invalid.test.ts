import { expect, test } from "vitest";
import { codeInvalid } from "./code-invalid.ts";

const isFlagged = (content: string): boolean =>
  codeInvalid.check({ kind: "chat", messages: [{ role: "assistant", content }] }, { thresholds: {} }).length > 0;

test("flags a bracket that is never closed", () => {
  expect(isFlagged("```python\nprint((1, 2)\n```")).toBe(true);
  expect(isFlagged("```js\nfunction f() {\n```")).toBe(true);
});

test("brackets in strings and comments need no partner", () => {
  expect(isFlagged("```python\nprint('(') # a (\n```")).toBe(false);
  expect(isFlagged('```js\nconst x = "["; // {\n/* ( */\n```')).toBe(false);
});

test("what is not code of a language with brackets is passed over", () => {
  expect(isFlagged("```\n(\n```")).toBe(false);
  expect(isFlagged("```bash\ncase x in a) ;; esac; echo (\n```")).toBe(false);
  expect(isFlagged("f( in prose")).toBe(false);
});

import { expect, test } from "vitest";
import { jsonInvalid } from "./json-invalid.ts";

const messages = (content: string) =>
  jsonInvalid.check({ kind: "chat", messages: [{ role: "assistant", content }] }, { thresholds: {} }).map(({ message }) => message);

test("flags a block labelled json that does not parse", () => {
  expect(messages("Here:\n```json\n{'a': 1}\n```\n")).toEqual(["1 code block labelled json cannot be parsed"]);
  expect(messages('```JSON\n{"a": 1,}\n```\n```json\n[1, 2\n```')).toEqual(["2 code blocks labelled json cannot be parsed"]);
});

test("JSON, other languages and blocks without a label are fine", () => {
  expect(messages('```json\n{"a": [1, 2]}\n```')).toEqual([]);
  expect(messages("```js\n{a: 1}\n```\n```\n{a\n```\n```jsonc\n{} // x\n```")).toEqual([]);
});

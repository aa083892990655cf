import { describe, expect, test } from "vitest";
import { truncated } from "./truncated.ts";

const messages = (content: string, more: object = {}) =>
  truncated
    .check(
      {
        kind: "chat",
        messages: [
          { role: "user", content: "Tell me." },
          { role: "assistant", content },
        ],
        ...more,
      },
      { thresholds: {} },
    )
    .map(({ message }) => message);

const prose = "This is a sentence that goes on for a while and says little. ".repeat(6);

test("document 3's flag: a reply that ends in dots", () => {
  expect(messages("Use list.reverse() and then...")).toEqual(["the reply ends in an ellipsis"]);
  expect(messages("And so on… \n")).toEqual(["the reply ends in an ellipsis"]);
  expect(messages("Well... it depends.")).toEqual([]);
});

test("a code block that is never closed", () => {
  expect(messages("Here:\n```python\nprint(1)\n")).toEqual(["the reply ends inside a code block"]);
  expect(messages("Here:\n```python\nprint(1)\n```")).toEqual([]);
  expect(messages("Write ```x``` inline.")).toEqual([]);
  expect(messages("Here:\n```cpp\nint x;\n    ```")).toEqual([]);
});

describe("a bracket that is never closed", () => {
  test("counts in the last line of prose", () => {
    expect(messages("It depends (mostly on the weather")).toEqual(["the reply ends inside a bracket"]);
    expect(messages("It depends (mostly\non the weather.")).toEqual([]);
  });

  test("counts anywhere in a reply that is code", () => {
    expect(messages("function f() {\n  return [1, 2];\n", { domain: "code" })).toEqual(["the reply ends inside a bracket"]);
    expect(messages("function f() {\n  return '{';\n}", { domain: "code" })).toEqual([]);
  });

  test("is none in inline code", () => {
    expect(messages("Replace `print(` by `print()`, and it works")).toEqual([]);
  });

  test("is no face and no list", () => {
    expect(messages("Sorry :(")).toEqual([]);
    expect(messages("a) one b) two")).toEqual([]);
  });
});

describe("prose without an end", () => {
  test("is flagged over fifty words", () => {
    expect(messages(`${prose}and then it goes on to say`)).toEqual(["the reply has no mark at the end of its last sentence"]);
    expect(messages("and then it goes on to say")).toEqual([]);
    expect(messages(prose)).toEqual([]);
  });

  test("may end in an emoji, a list, a figure of its own line or a link", () => {
    for (const end of [
      "that is all for today 🎀",
      "\n- one more thing to be said here",
      "\n#### 72",
      "\nsee it for yourself at https://example.org/a",
      "\nDay 7: shopping in town and a last dinner there",
      "I remain yours sincerely, Jane Austen of Bath",
    ])
      expect(messages(prose + end), end).toEqual([]);
  });
});

test("posts may end as they like, completions may not", () => {
  expect(truncated.check({ kind: "text", text: "soon...", features: { has_emoji: false } }, { thresholds: {} })).toEqual([]);
  expect(truncated.check({ kind: "text", text: "Question: why? Answer: because..." }, { thresholds: {} })).toHaveLength(1);
});

import { expect, test } from "vitest";
import type { Chat } from "../schema/content.ts";
import type { Json } from "../schema/json.ts";
import { linesOf, readOne, refusalOf, stored, writeAll } from "./contract.ts";
import { trlPromptCompletion } from "./trl-prompt-completion.ts";

const corrected: Chat = {
  kind: "chat",
  messages: [
    { role: "system", content: "Count." },
    { role: "user", content: "2+2?" },
    { role: "assistant", content: "5?", weight: 0 },
    { role: "user", content: "No." },
    { role: "assistant", content: "4" },
  ],
};
const long: Chat = {
  kind: "chat",
  messages: [
    { role: "user", content: "a" },
    { role: "assistant", content: "b" },
    { role: "user", content: "c" },
    { role: "assistant", content: "d" },
  ],
};

test("never trains a turn with weight 0: it stands in the prompt alone", () => {
  expect(linesOf(trlPromptCompletion, [stored(corrected)])).toBe(
    '{"prompt":[{"role":"system","content":"Count."},{"role":"user","content":"2+2?"},{"role":"assistant","content":"5?"},{"role":"user","content":"No."}],' +
      '"completion":[{"role":"assistant","content":"4"}]}\n',
  );
});

test("writes a row for every trained turn", () => {
  expect(linesOf(trlPromptCompletion, [stored(long)])).toBe(
    '{"prompt":[{"role":"user","content":"a"}],"completion":[{"role":"assistant","content":"b"}]}\n' +
      '{"prompt":[{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"c"}],"completion":[{"role":"assistant","content":"d"}]}\n',
  );
  expect(writeAll(trlPromptCompletion, [stored(long)])).toMatchObject([{ losses: [] }]);
});

test("a call and the answer after its result are two trained turns, with tools on every line", () => {
  const called: Chat = {
    kind: "chat",
    messages: [
      { role: "user", content: "a" },
      { role: "assistant", content: "", toolCalls: [{ id: "x", name: "f", arguments: {} }] },
      { role: "tool", content: "r", toolCallId: "x" },
      { role: "assistant", content: "b" },
    ],
    tools: [{ name: "f", description: "", parameters: {} }],
  };
  const [writing] = writeAll(trlPromptCompletion, [stored(called)]);
  expect(writing).toMatchObject({
    rows: [
      { completion: [{ content: "" }], tools: [{}] },
      { completion: [{ content: "b" }], tools: [{}] },
    ],
  });
});

test("reading what was written gives the same chat, the turns of the prompt shown and not trained", () => {
  expect(readOne(trlPromptCompletion, JSON.parse(linesOf(trlPromptCompletion, [stored(corrected)])))).toEqual(corrected);
  const [, second = ""] = linesOf(trlPromptCompletion, [stored(long)]).split("\n");
  expect(readOne(trlPromptCompletion, JSON.parse(second))).toMatchObject({
    messages: [{}, { content: "b", weight: 0 }, {}, { content: "d" }],
  });
});

test("reads strings, also as OpenAI's old files had them, and messages in cells", () => {
  const chat = {
    kind: "chat",
    messages: [
      { role: "user", content: "2+2?" },
      { role: "assistant", content: " 4" },
    ],
  };
  expect(readOne(trlPromptCompletion, { prompt: "2+2?", completion: " 4" })).toEqual(chat);
  expect(readOne(trlPromptCompletion, { prompt: '[{"role":"user","content":"2+2?"}]', completion: " 4", note: "" }, "csv")).toEqual(chat);
});

test("an answer that nobody asked for has no prompt, which is a loss; alone it is refused", () => {
  const greeting: Chat = { kind: "chat", messages: [{ role: "assistant", content: "Hello" }, ...long.messages] };
  expect(writeAll(trlPromptCompletion, [stored(greeting)])).toMatchObject([{ rows: [{}, {}], losses: ["turns"] }]);
  const masked: Chat = {
    kind: "chat",
    messages: [
      { role: "user", content: "a" },
      { role: "assistant", content: "b", weight: 0 },
    ],
  };
  expect(writeAll(trlPromptCompletion, [stored(masked)])).toEqual([{ refused: "turns" }]);
});

test.each<[string, Json, string]>([
  ["a prompt alone", { prompt: "secret" }, "incomplete"],
  ["a completion alone", { completion: "secret" }, "incomplete"],
  ["a prompt that only instructs", { prompt: [{ role: "system", content: "secret" }], completion: "a" }, "incomplete"],
  ["a completion of the user", { prompt: "secret", completion: [{ role: "user", content: "secret" }] }, "incomplete"],
  ["a completion that is no text", { prompt: "secret", completion: { a: "secret" } }, "shape"],
  ["no object", "secret", "shape"],
])("refuses %s without showing content", (_, row, code) => {
  const { refused, reason } = refusalOf(trlPromptCompletion, row);
  expect(refused).toBe(code);
  expect(reason).not.toContain("secret");
});

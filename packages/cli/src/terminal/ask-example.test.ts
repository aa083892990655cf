import { expect, test } from "vitest";
import { askExample, readMembers, withReposts } from "./ask-example.ts";
import type { Questions } from "./questions.ts";

const types = ["gm", "insight", "casual", "reply"];

/** Answers in turn; what was asked is kept. */
function answering(...answers: readonly string[]): Questions & { readonly asked: string[] } {
  const asked: string[] = [];
  return { asked, ask: async (question) => answers[asked.push(question) - 1] ?? "", close: () => undefined };
}

test("asks for what document 1 asks for, in its order", async () => {
  const person = answering("gm to builders on base", "gm", "base", "likes=150 retweets=30", '{"mentions":["@base"]}');
  expect(await askExample(person, types, {})).toEqual({
    kind: "text",
    text: "gm to builders on base",
    type: "gm",
    topic: "base",
    engagement: { likes: 150, reposts: 30 },
    features: { mentions: ["@base"] },
  });
  expect(person.asked.map((question) => question.split(/[ :]/)[0])).toEqual(["Text", "Type", "Topic", "Engagement", "Features"]);
  expect(person.asked[1]).toContain("gm, insight, casual, reply");
});

test("empty answers leave members out", async () => {
  expect(await askExample(answering("Only a text."), types, {})).toEqual({ kind: "text", text: "Only a text." });
});

test("no text is nothing to add, and nothing more is asked", async () => {
  const person = answering("");
  expect(await askExample(person, types, {})).toBeUndefined();
  expect(person.asked).toHaveLength(1);
});

test("what is known is not asked", async () => {
  const person = answering("A text.", "", "");
  expect(await askExample(person, types, { type: "gm", topic: "base" })).toEqual({
    kind: "text",
    text: "A text.",
    type: "gm",
    topic: "base",
  });
  expect(person.asked).toHaveLength(3);
});

test("a type that no pack knows, or a count that is none, is asked again", async () => {
  const person = answering("A text.", "gmm", "gm", "", "likes=many", "likes=-1", "likes=5");
  expect(await askExample(person, types, {})).toMatchObject({ type: "gm", engagement: { likes: 5 } });
  expect(person.asked.filter((question) => question.startsWith("  "))).toHaveLength(3);
});

test("where packs have no types any word is one", async () => {
  expect(await askExample(answering("A text.", "anything"), [], {})).toMatchObject({ type: "anything" });
});

test.each([
  ['{"likes":1}', { value: { likes: 1 } }],
  ["likes=1, tone=calm has_emoji=true", { value: { likes: 1, tone: "calm", has_emoji: true } }],
])("reads %s", (text, expected) => {
  expect(readMembers(text)).toEqual(expected);
});

test.each(["", "likes", "{likes:1}", "likes= 5"])("says that %s is no object", (text) => {
  expect(readMembers(text)).toHaveProperty("problem");
});

test("a retweet is a repost", () => {
  expect(withReposts({ likes: 1, retweets: 2 })).toEqual({ likes: 1, reposts: 2 });
  expect(withReposts({ likes: 1 })).toEqual({ likes: 1 });
});

import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openTestWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openTestWorkspace({ packs: ["social"] });
});
afterAll(() => opened.end());

/** Document 1, "Add New Sample". */
const post = {
  kind: "text",
  text: "gm to builders on base 💙",
  type: "gm",
  topic: "base",
  engagement: { likes: 150, reposts: 30 },
  features: { has_emoji: true, mentions: ["@base"] },
};

test("adds a post by hand: scored, described, a member of its dataset, and by whom", async () => {
  const added = await opened.call("example.add", { example: post, dataset: "GM posts" });
  expect(added).toMatchObject({
    status: "accepted",
    trashed: false,
    datasets: ["gm-posts"],
    notes: [],
    example: {
      ...post,
      source: "manual",
      sourceKind: "manual",
      style: "short",
      createdBy: "user:test",
      features: { ...post.features, word_count: 6 },
    },
  });
  expect(added.example.quality.factors).toMatchObject({ base: 0.5, source: 0.15 });
});

test("what is there already is told, not stored again", async () => {
  const before = await opened.call("pool.stats", {});
  const first = await opened.call("example.list", {});
  const again = await opened.call("example.add", { example: { kind: "text", text: post.text, topic: "elsewhere" } });
  expect(again).toMatchObject({ status: "duplicate", trashed: false, example: { id: first.examples[0]?.id, topic: "base" } });
  expect((await opened.call("pool.stats", {})).examples).toBe(before.examples);
});

test("personal data is taken out before anything is stored", async () => {
  const added = await opened.call("example.add", {
    example: { kind: "text", text: "Thanks for the chat, write to ana@example.org any time." },
  });
  expect(added).toMatchObject({ redacted: { EMAIL: 1 }, example: { text: "Thanks for the chat, write to [REDACTED_EMAIL] any time." } });
});

test("a type that no pack knows is stored, with a remark that names the nearest", async () => {
  const { notes, example } = await opened.call("example.add", { example: { kind: "text", text: "Soil before seed.", type: "insigth" } });
  expect([notes, example.type]).toEqual([["The packs know no type insigth; did you mean insight?"], "insigth"]);
});

test("another answer to the same question is stored with a finding that names the other one", async () => {
  const asked = { kind: "chat", messages: [{ role: "user", content: "How deep do I sow beans?" }] };
  const answered = (content: string) => ({ ...asked, messages: [...asked.messages, { role: "assistant", content }] });
  const { example } = await opened.call("example.add", { example: answered("Four to five centimetres, once the soil is warm.") });
  const other = await opened.call("example.add", { example: answered("Two fingers deep, not before the middle of May.") });
  expect(other.findings).toContainEqual(
    expect.objectContaining({ rule: "conflicting-answer", message: expect.stringContaining(example.id) }),
  );
});

test("a record that is known by its foreign id is updated, or left alone where asked", async () => {
  const record = (text: string) => ({ kind: "text", text, sourceId: "tweet-7" });
  const first = await opened.call("example.add", { example: record("Mulch keeps the soil moist in July.") });
  const second = await opened.call("example.add", { example: record("Mulch keeps the soil moist all summer.") });
  expect(second).toMatchObject({
    status: "updated",
    example: { id: first.example.id, rev: 2, text: "Mulch keeps the soil moist all summer." },
  });
  const third = await opened.call("example.add", { example: record("Mulch does nothing."), onChange: "skip" });
  expect(third).toMatchObject({ status: "duplicate", example: { text: "Mulch keeps the soil moist all summer." } });
});

test("what a rule refuses leaves neither an example nor a dataset behind", async () => {
  const before = await opened.call("pool.stats", {});
  await expect(opened.call("example.add", { example: { kind: "text", text: "  " }, dataset: "Never made" })).rejects.toMatchObject({
    code: "example/refused",
    kind: "data",
    details: { rule: "empty-text" },
  });
  expect(await opened.call("pool.stats", {})).toEqual(before);
});

test.each([
  ["a member no example has", { kind: "text", text: "Peas.", topik: "beds" }, "topik"],
  ["a number where a count belongs", { kind: "text", text: "Peas.", engagement: { likes: -1 } }, "engagement"],
  ["no kind", { text: "Peas." }, "kind"],
])("refuses %s by name", async (_, example, told) => {
  await expect(opened.call("example.add", { example })).rejects.toMatchObject({
    code: "input/invalid",
    message: expect.stringContaining(told),
  });
});

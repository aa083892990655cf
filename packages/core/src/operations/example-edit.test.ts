import { afterAll, beforeAll, expect, test } from "vitest";
import type { Example } from "../schema/example.ts";
import { exampleToJson } from "../schema/example.ts";
import type { TestWorkspace } from "./test-workspace.ts";
import { oneOfEachKind, openTestWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
let byKind: ReadonlyMap<string, Example>;
beforeAll(async () => {
  opened = await openTestWorkspace({ packs: ["social"] });
  await opened.call("example.import", { file: await opened.writeRows("mixed.jsonl", oneOfEachKind), dataset: "mixed" });
  const { examples } = await opened.call("example.list", {});
  byKind = new Map(examples.map((example) => [example.kind, example]));
});
afterAll(() => opened.end());

const idOf = (kind: string): string => byKind.get(kind)?.id ?? "";

test.each([
  [
    "chat",
    { output: "Four centimetres.", system: "You know gardens." },
    { messages: [{ role: "system", content: "You know gardens." }, {}, { role: "assistant", content: "Four centimetres." }] },
  ],
  [
    "preference",
    { rejected: "Always plant them in the same bed.", reason: "It spreads blight." },
    { rejected: [{ content: "Always plant them in the same bed." }], reason: "It spreads blight." },
  ],
  [
    "rating",
    { label: "false", input: "When should I prune a pear tree?" },
    { label: false, prompt: [{ content: "When should I prune a pear tree?" }] },
  ],
  [
    "text",
    { text: "The first frost came on the third of October 2025.", complexity: "3" },
    { text: "The first frost came on the third of October 2025.", complexity: 3 },
  ],
  [
    "classification",
    { intent: "buy", sentiment: "neutral", categories: "shop, garden" },
    { labels: { intent: "buy", sentiment: "neutral", categories: ["shop", "garden"] } },
  ],
  ["extraction", { "document.title": "On straw" }, { document: { title: "On straw" } }],
  [
    "steps",
    { steps: [{ text: "30 divided by 4 is 7.5: seven.", correct: true }] },
    { steps: [{ text: "30 divided by 4 is 7.5: seven." }] },
  ],
])("sets fields of a %s by the names of filters and maps", async (kind, set, expected) => {
  const edited = await opened.call("example.edit", { id: idOf(kind), set });
  expect(edited.example).toMatchObject({ ...expected, rev: 2, id: idOf(kind) });
  expect(edited.changed.length).toBeGreaterThan(0);
  expect(await opened.call("example.show", { id: idOf(kind) })).toMatchObject({ example: expected });
});

test("says what changed, and what it was before", async () => {
  const { changed } = await opened.call("example.edit", {
    id: idOf("text"),
    set: { topic: "weather", "metadata.station": '"07"', "metadata.height": "412", tags: "frost,autumn" },
  });
  expect(changed).toEqual([
    { field: "tags", before: [], after: ["frost", "autumn"] },
    { field: "metadata.height", after: 412 },
    { field: "metadata.station", after: "07" },
    { field: "topic", after: "weather" },
  ]);
});

test("an edit that says what is there already changes nothing, not even the revision", async () => {
  const { example } = await opened.call("example.show", { id: idOf("text") });
  expect(await opened.call("example.edit", { id: example.id, set: { topic: "weather" } })).toMatchObject({
    changed: [],
    example: { rev: example.rev },
  });
});

test("what comes in by an edit passes the door: redacted, checked, its findings replaced", async () => {
  const id = idOf("chat");
  const flawed = await opened.call("example.edit", { id, set: { output: "Ask ana@example.org, she knows it all and then..." } });
  expect(flawed).toMatchObject({ redacted: { EMAIL: 1 } });
  expect(JSON.stringify(flawed)).not.toContain("ana@example.org");
  const mended = await opened.call("example.edit", {
    id,
    set: { output: "Four to five centimetres deep, in warm soil, and no earlier than May." },
  });
  const rules = [flawed, mended].map(({ findings }) => findings.map(({ rule }) => rule).includes("truncated"));
  expect(rules).toEqual([true, false]);
  expect(mended.example.contentHash).not.toBe(flawed.example.contentHash);
});

test("the score stays until it is asked for", async () => {
  const id = idOf("chat");
  const { example: before } = await opened.call("example.show", { id });
  const long = "Sow them four to five centimetres deep. ".repeat(20).trim();
  const edited = await opened.call("example.edit", { id, set: { output: `${long} That is all.` } });
  expect(edited.example.quality).toEqual(before.quality);
  const scored = await opened.call("example.edit", { id, score: true });
  expect(scored.example.quality.factors).toMatchObject({ length200: 0.1, length500: 0.05 });
});

test("style and features of a post follow its text; what a person said of it stays", async () => {
  const { example } = await opened.call("example.add", {
    example: { kind: "text", text: "gm to all growers", features: { tone: "casual" } },
  });
  const edited = await opened.call("example.edit", {
    id: example.id,
    set: { text: `gm to all growers 🌱 ${"and to those who water ".repeat(4).trim()}` },
  });
  expect(edited.example).toMatchObject({ style: "medium", features: { tone: "casual", has_emoji: true, word_count: 25 } });
});

test("engagement is said anew without a revision of the example", async () => {
  const { example } = await opened.call("example.add", { example: { kind: "text", text: "gm from the compost heap" } });
  const edited = await opened.call("example.edit", { id: example.id, set: { "engagement.likes": "120", "engagement.replies": 4 } });
  expect(edited).toMatchObject({
    example: { engagement: { likes: 120, replies: 4 }, rev: 1 },
    changed: [{ field: "engagement", after: { likes: 120, replies: 4 } }],
  });
  expect((await opened.call("example.list", { where: "engagement.likes >= 120" })).examples.map(({ id }) => id)).toEqual([example.id]);
});

test("an edit for an older revision is a conflict that shows both values, redacted", async () => {
  const id = idOf("text");
  const { example } = await opened.call("example.show", { id });
  await opened.call("example.edit", { id, rev: example.rev, set: { topic: "frost" } });
  await expect(opened.call("example.edit", { id, rev: example.rev, set: { topic: "ask ana@example.org" } })).rejects.toMatchObject({
    code: "example/stale",
    kind: "conflict",
    message: expect.stringContaining("topic is now “frost”, the edit says “ask [REDACTED_EMAIL]”"),
    details: { current: example.rev + 1, given: example.rev },
  });
});

test("an example that would say what another one says is left as it is", async () => {
  const one = await opened.call("example.add", { example: { kind: "text", text: "Peas like it cool." } });
  const two = await opened.call("example.add", { example: { kind: "text", text: "Beans like it warm." } });
  const twin = { code: "example/equal", kind: "conflict", message: expect.stringContaining(one.example.id) };
  await expect(opened.call("example.edit", { id: two.example.id, set: { text: "Peas like it cool." } })).rejects.toMatchObject(twin);
  expect(await opened.call("example.show", { id: two.example.id })).toMatchObject({ example: { text: "Beans like it warm.", rev: 1 } });
});

test("takes the whole example as an editor gives it back, with its own revision", async () => {
  const { example } = await opened.call("example.show", { id: idOf("steps") });
  const written = { ...exampleToJson(example), topic: "arithmetic" };
  expect(await opened.call("example.edit", { id: example.id, example: written })).toMatchObject({
    changed: [{ field: "topic", after: "arithmetic" }],
  });
  await expect(opened.call("example.edit", { id: example.id, example: { ...written, topic: "sums" } })).rejects.toMatchObject({
    code: "example/stale",
  });
});

test("retagging adds what the packs see to the tags that are there", async () => {
  const roofing = await openTestWorkspace({ packs: ["roofing"] });
  const { example } = await roofing.call("example.add", {
    example: { kind: "text", text: "A plain sentence about nothing much.", tags: ["mine"] },
  });
  const set = { text: "The hail damage on the shingle roof needs an insurance claim." };
  expect((await roofing.call("example.edit", { id: example.id, set })).example.tags).toEqual(["mine"]);
  const { tags } = (await roofing.call("example.edit", { id: example.id, retag: true })).example;
  expect(tags.length).toBeGreaterThan(1);
  expect(tags).toContain("mine");
  await roofing.end();
});

test.each([
  ["a computed field", "chat", { rev: 9 }, "it counts the edits"],
  ["a decision of reviewers", "chat", { reviewStatus: "approved" }, "reviewers decide it"],
  ["a field of another kind", "text", { output: "no" }, "kind text has none"],
  ["a typo", "chat", { topik: "x" }, "the nearest is topic"],
  ["a value that does not fit", "chat", { complexity: "eleven" }, "whole number from 1 to 10"],
  ["taking away what the kind cannot do without", "text", { text: null }, "text"],
  ["nothing at all", "chat", undefined, "neither"],
])("refuses %s", async (_, kind, set, told) => {
  const input = set === undefined ? { id: idOf(kind) } : { id: idOf(kind), set };
  await expect(opened.call("example.edit", input)).rejects.toMatchObject({ code: "input/invalid", message: expect.stringContaining(told) });
});

test("what a rule refuses is not stored", async () => {
  await expect(opened.call("example.edit", { id: idOf("text"), set: { text: " " } })).rejects.toMatchObject({ code: "example/refused" });
  await expect(opened.call("example.edit", { id: "01ARZ3NDEKTSV4RRFFQ69G5FAV", set: { topic: "x" } })).rejects.toMatchObject({
    code: "example/not-found",
  });
});

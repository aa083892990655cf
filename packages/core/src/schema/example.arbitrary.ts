import fc from "fast-check";
import { toHex } from "../text/hash.ts";
import type { Content, Kind, Message, Span, Tool, ToolCall } from "./content.ts";
import { kinds } from "./content.ts";
import type { Described, Example, Quality } from "./example.ts";
import { learningValues, lifecycles, relevances, reviewStatuses, sourceKinds, tiers } from "./example.ts";
import { identityOf } from "./identity.ts";
import type { Json, JsonObject } from "./json.ts";

/**
 * Stored examples of every kind, whole and valid: each passes `exampleSchema`, and its hashes are those of its content.
 *
 * @param options.kinds - Only examples of these kinds. @defaultValue all
 */
export function arbitraryExample(options: { readonly kinds?: readonly Kind[] } = {}): fc.Arbitrary<Example> {
  return fc.tuple(arbitraryContent(options), described, kept).map(([content, said, held]) => {
    const { contentHash, inputHash } = identityOf(content);
    return { ...content, ...said, ...held, contentHash: toHex(contentHash), inputHash: toHex(inputHash) };
  });
}

/** What an example says, of every kind, with and without each optional member. */
export function arbitraryContent(options: { readonly kinds?: readonly Kind[] } = {}): fc.Arbitrary<Content> {
  const { chat, preference, rating, text, classification, extraction, steps } = contents;
  const all: { readonly [K in Kind]: fc.Arbitrary<Content> } = { chat, preference, rating, text, classification, extraction, steps };
  return fc.oneof(...(options.kinds ?? kinds).map((kind) => all[kind]));
}

const words = [
  "",
  "gm",
  "Cancel order 7.",
  'it\'s a "test"',
  "a\\b",
  "Zürich, «Straße»",
  "お元気ですか",
  "👩‍🚀 went up",
  "line\nbreak",
  "tab\there",
  "null",
  "=1+1",
  "[1]",
  "{}",
];

/** Never a NUL, which no text column holds, and never half a surrogate pair, which no UTF-8 holds. */
const someText = fc.oneof(
  fc.constantFrom(...words),
  fc.string({ unit: "grapheme", maxLength: 12 }).map((text) => text.replaceAll("\0", "").toWellFormed()),
);
const someWord = someText.filter((text) => text !== "");
const someNumber = fc
  .oneof(fc.integer({ min: -9, max: 99 }), fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }))
  .map((n) => n + 0);
const share = fc.integer({ min: 0, max: 100 }).map((n) => n / 100);
const key = fc.constantFrom("a", "b", "city", "a key", "ü", "0", "a/b~c");
const someJson: fc.Arbitrary<Json> = fc.letrec<{ readonly json: Json }>((tie) => ({
  json: fc.oneof(
    { depthSize: "small" },
    fc.oneof(someText, someNumber, fc.boolean(), fc.constant(null)),
    fc.array(tie("json"), { maxLength: 2 }),
    fc.dictionary(key, tie("json"), { maxKeys: 3, noNullPrototype: true }),
  ),
})).json;
const someObject: fc.Arbitrary<JsonObject> = fc.dictionary(key, someJson, { maxKeys: 3, noNullPrototype: true });
const ulid = fc
  .integer({ min: 0, max: 2 ** 31 - 1 })
  .map(
    (n) =>
      `01J${n.toString(32).toUpperCase().replaceAll("I", "W").replaceAll("L", "X").replaceAll("O", "Y").replaceAll("U", "Z").padStart(23, "0")}`,
  );
const time = fc.integer({ min: 0, max: 4_102_444_800_000 }).map((ms) => new Date(ms).toISOString());
const present = { noNullPrototype: true } as const;

const call: fc.Arbitrary<ToolCall> = fc.record(
  { id: someWord, name: someWord, arguments: someObject, argumentsText: fc.constant("not json") },
  { ...present, requiredKeys: ["id", "name", "arguments"] },
);
const tool: fc.Arbitrary<Tool> = fc.record({ name: someWord, description: someText, parameters: someObject }, present);
const assistant: fc.Arbitrary<Message> = fc.record(
  {
    role: fc.constant("assistant" as const),
    content: someText,
    reasoning: someText,
    toolCalls: fc.array(call, { minLength: 1, maxLength: 2 }),
    name: someWord,
    weight: fc.constantFrom(0 as const, 1 as const),
    parts: fc.array(someJson, { maxLength: 2 }),
  },
  { ...present, requiredKeys: ["role", "content"] },
);
const plainAssistant: fc.Arbitrary<Message> = fc.record({ role: fc.constant("assistant" as const), content: someText }, present);
const user: fc.Arbitrary<Message> = fc.record(
  { role: fc.constant("user" as const), content: someText, name: someWord },
  { ...present, requiredKeys: ["role", "content"] },
);
const system: fc.Arbitrary<Message> = fc.record({ role: fc.constant("system" as const), content: someText }, present);
const toolResult: fc.Arbitrary<Message> = fc.record(
  { role: fc.constant("tool" as const), content: someText, toolCallId: someWord, name: someWord },
  { ...present, requiredKeys: ["role", "content"] },
);
/** Half of them the plain ones that a row has columns for. */
const prompt: fc.Arbitrary<readonly Message[]> = fc.oneof(
  user.map((asked) => [asked]),
  fc.tuple(system, user),
  fc.tuple(fc.array(fc.oneof(system, user, assistant, toolResult), { maxLength: 3 }), user).map(([before, last]) => [...before, last]),
);
const answer: fc.Arbitrary<readonly Message[]> = fc.oneof(plainAssistant, assistant).map((said) => [said]);
const tools = fc.array(tool, { minLength: 1, maxLength: 2 });

function spansOf(text: string): fc.Arbitrary<readonly Span[]> {
  const points = Array.from(text);
  if (points.length === 0) return fc.constant([]);
  const place = fc.tuple(fc.nat(points.length - 1), fc.nat(points.length - 1), someWord);
  return fc.array(place, { maxLength: 2 }).map((places) =>
    places.map(([one, other, label]) => {
      const [start, end] = [Math.min(one, other), Math.max(one, other) + 1];
      return { label, start, end, surface: points.slice(start, end).join("") };
    }),
  );
}

const contents = {
  chat: fc
    .tuple(
      fc.record({ prompt, answer }),
      fc.record({ tools, context: someText, parallelToolCalls: fc.boolean(), reference: someObject }, { ...present, requiredKeys: [] }),
    )
    .map(([said, rest]) => ({ kind: "chat" as const, messages: [...said.prompt, ...said.answer], ...rest })),
  preference: fc.record(
    { kind: fc.constant("preference" as const), prompt, chosen: answer, rejected: answer, reason: someText, margin: someNumber, tools },
    { ...present, requiredKeys: ["kind", "prompt", "chosen", "rejected"] },
  ),
  rating: fc.record(
    { kind: fc.constant("rating" as const), prompt, completion: answer, label: fc.boolean(), tools },
    { ...present, requiredKeys: ["kind", "prompt", "completion", "label"] },
  ),
  text: fc.record({ kind: fc.constant("text" as const), text: someText }, present),
  classification: someText.chain((text) =>
    fc.record(
      {
        kind: fc.constant("classification" as const),
        text: fc.constant(text),
        labels: fc.record(
          { intent: someWord, sentiment: someWord, persona: someWord, categories: fc.array(someWord, { minLength: 1, maxLength: 2 }) },
          { ...present, requiredKeys: [] },
        ),
        entities: spansOf(text),
      },
      present,
    ),
  ),
  extraction: fc.record(
    {
      kind: fc.constant("extraction" as const),
      document: fc.record({ url: someWord, title: someWord, content: someText }, { ...present, requiredKeys: ["content"] }),
      items: fc.array(fc.record({ id: someWord, text: someText, category: someWord }, present), { maxLength: 2 }),
    },
    present,
  ),
  steps: fc.record(
    {
      kind: fc.constant("steps" as const),
      prompt: someText,
      steps: fc.array(fc.record({ text: someText, correct: fc.boolean() }, present), { maxLength: 3 }),
    },
    present,
  ),
};

/** Engagement says what it counted, so an empty one is absent. */
const engagement = fc.record(
  {
    impressions: fc.nat(99),
    viewers: fc.nat(99),
    likes: fc.nat(99),
    reposts: fc.nat(99),
    replies: fc.nat(99),
    bookmarks: fc.nat(99),
    shares: fc.nat(99),
    dismissals: fc.nat(99),
  },
  present,
);

const described: fc.Arbitrary<Described> = fc.record(
  {
    sourceId: someWord,
    parentId: ulid,
    project: someWord,
    topic: someWord,
    type: someWord,
    style: someWord,
    language: fc.constantFrom("en", "de", "ja"),
    complexity: fc.integer({ min: 1, max: 10 }),
    confidence: share,
    learningValue: fc.constantFrom(...learningValues),
    relevance: fc.constantFrom(...relevances),
    engagement,
    features: someObject.filter((features) => Object.keys(features).length > 0),
    feedback: someWord,
    verifiedAccurate: fc.boolean(),
    correctionReason: someWord,
    corrector: someWord,
    wasUsed: fc.boolean(),
    modificationsMade: fc.constantFrom("none", "minor", "major"),
    subjectId: fc.constant("5d41402abc4b2a76b9719d911017c592"),
  },
  { ...present, requiredKeys: [] },
);

const quality: fc.Arbitrary<Quality> = fc.record(
  { score: share, tier: fc.constantFrom(...tiers), factors: fc.dictionary(fc.constantFrom("length", "structure"), share, present) },
  { ...present, requiredKeys: ["tier", "factors"] },
);

const kept = fc.record(
  {
    id: ulid,
    rev: fc.integer({ min: 1, max: 9 }),
    source: someWord,
    sourceKind: fc.constantFrom(...sourceKinds),
    groupKey: someWord,
    domain: someWord,
    tags: fc.uniqueArray(someWord, { maxLength: 3 }).map((tags) => tags.toSorted()),
    weight: fc.constantFrom(0, 0.5, 1, 1, 1, 2.25),
    quality,
    reviewStatus: fc.constantFrom(...reviewStatuses),
    lifecycle: fc.constantFrom(...lifecycles),
    includeInTraining: fc.boolean(),
    wasCorrected: fc.boolean(),
    validated: fc.boolean(),
    createdAt: time,
    createdBy: someWord,
    updatedAt: time,
    metadata: someObject,
  },
  present,
);

import fc from "fast-check";
import { toHex } from "../text/hash.ts";
import type { Content, Kind, Message, Span } from "./content.ts";
import { kinds } from "./content.ts";
import type { Engagement, Example, Kept } from "./example.ts";
import { learningValues, lifecycles, relevances, reviewStatuses, sourceKinds, tiers } from "./example.ts";
import { identityOf } from "./identity.ts";
import type { Json, JsonObject } from "./json.ts";

/** Stored examples of every kind, plain and odd: what the round trips of tests are made of. Well-formed text, no U+0000, no empty `features`. */
export function arbitraryExample(options: { readonly kinds?: readonly Kind[] } = {}): fc.Arbitrary<Example> {
  return fc.tuple(arbitraryContent(options.kinds), arbitraryKept()).map(([content, kept]) => {
    const { contentHash, inputHash } = identityOf(content);
    return { ...content, ...structuredClone(kept), contentHash: toHex(contentHash), inputHash: toHex(inputHash) };
  });
}

/** What examples say, each kind as often as the others, and of each kind the plain form as often as the odd. */
export function arbitraryContent(of: readonly Kind[] = kinds): fc.Arbitrary<Content> {
  const byKind: { readonly [K in Kind]: fc.Arbitrary<Content> } = { chat, preference, rating, text, classification, extraction, steps };
  // Cloned, since records of the generator have no prototype and parsed ones do.
  return fc.oneof(...of.map((kind) => byKind[kind])).map((content) => structuredClone(content));
}

/** ULIDs, in no order. */
export const arbitraryId: fc.Arbitrary<string> = fc.stringMatching(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);

const odd =
  '|a|A question?|Äpfel & Öl|e\u0301|\u00e9|line\nbreak|line\r\nbreak| padded |国会議事堂|เงินเดือน|gm 🎀|👩‍👩‍👧|"quoted" \\ text|{"a":1}|null|\u2028|\ufeff';

/** Text as it passes the door. */
const someText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...odd.split("|")),
  fc.string({ unit: "grapheme", maxLength: 20 }),
  fc.string({ unit: "binary", maxLength: 10 }).map((binary) => binary.replaceAll("\0", "").toWellFormed()),
);
const name = fc.oneof(fc.constantFrom("code", "support", "Ärger", "日本"), fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }));
const number = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
);
const share = fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0);
const instant = fc.integer({ min: 0, max: 4_102_444_800_000 }).map((ms) => new Date(ms).toISOString());

const json: fc.Arbitrary<Json> = fc.letrec<{ readonly json: Json }>((tie) => ({
  json: fc.oneof(
    { depthSize: "small" },
    fc.oneof(someText, number, fc.boolean(), fc.constant(null)),
    fc.array(tie("json"), { maxLength: 3 }),
    fc.dictionary(name, tie("json"), { maxKeys: 3 }),
  ),
})).json;
const jsonObject: fc.Arbitrary<JsonObject> = fc.dictionary(name, json, { maxKeys: 4 });

const toolCall = fc.record(
  { id: name, name, arguments: jsonObject, argumentsText: someText },
  { requiredKeys: ["id", "name", "arguments"] },
);
const tools = fc.array(fc.record({ name, description: someText, parameters: jsonObject }), { maxLength: 2 });
const oddMessage: fc.Arbitrary<Message> = fc.record(
  {
    role: fc.constantFrom("system", "user", "assistant", "tool"),
    content: someText,
    reasoning: someText,
    toolCalls: fc.array(toolCall, { minLength: 1, maxLength: 2 }),
    toolCallId: name,
    name,
    weight: fc.constantFrom(0, 1),
    parts: fc.array(json, { maxLength: 2 }),
  },
  { requiredKeys: ["role", "content"] },
);
const plain = (role: Message["role"]): fc.Arbitrary<Message> => fc.record({ role: fc.constant(role), content: someText });
const plainPrompt = fc.oneof(fc.tuple(plain("user")), fc.tuple(plain("system"), plain("user")));
const plainAnswer = fc.tuple(plain("assistant"));
const messages = fc.oneof(plainPrompt, fc.array(oddMessage, { minLength: 1, maxLength: 4 }));
const answer = fc.oneof(plainAnswer, fc.array(oddMessage, { maxLength: 2 }));

const chat: fc.Arbitrary<Content> = fc.record(
  {
    kind: fc.constant("chat"),
    messages: fc.oneof(
      fc.tuple(plainPrompt, plainAnswer).map(([before, after]) => [...before, ...after]),
      messages,
    ),
    tools,
    context: someText,
    parallelToolCalls: fc.boolean(),
    reference: jsonObject,
  },
  { requiredKeys: ["kind", "messages"] },
);
const preference: fc.Arbitrary<Content> = fc.record(
  { kind: fc.constant("preference"), prompt: messages, chosen: answer, rejected: answer, reason: someText, margin: number, tools },
  { requiredKeys: ["kind", "prompt", "chosen", "rejected"] },
);
const rating: fc.Arbitrary<Content> = fc.record(
  { kind: fc.constant("rating"), prompt: messages, completion: answer, label: fc.boolean(), tools },
  { requiredKeys: ["kind", "prompt", "completion", "label"] },
);
const text: fc.Arbitrary<Content> = fc.record({ kind: fc.constant("text"), text: someText });
const span: fc.Arbitrary<Span> = fc.record({ label: name, start: fc.nat(20), end: fc.nat(20), surface: someText });
const labels = fc.record(
  { intent: name, sentiment: name, persona: name, categories: fc.array(name, { maxLength: 3 }) },
  { requiredKeys: [] },
);
const classification: fc.Arbitrary<Content> = fc.record({
  kind: fc.constant("classification"),
  text: someText,
  labels,
  entities: fc.array(span, { maxLength: 3 }),
});
const extraction: fc.Arbitrary<Content> = fc.record({
  kind: fc.constant("extraction"),
  document: fc.record({ url: name, title: someText, content: someText }, { requiredKeys: ["content"] }),
  items: fc.array(fc.record({ id: name, text: someText, category: name }), { maxLength: 3 }),
});
const steps: fc.Arbitrary<Content> = fc.record({
  kind: fc.constant("steps"),
  prompt: someText,
  steps: fc.array(fc.record({ text: someText, correct: fc.boolean() }), { maxLength: 3 }),
});

const engagement: fc.Arbitrary<Engagement> = fc.record(
  { impressions: fc.integer({ min: 1, max: 1e6 }), likes: fc.integer({ min: 1, max: 1e6 }), dismissals: fc.integer({ min: 1, max: 9 }) },
  { requiredKeys: ["likes"] },
);

/** All but the identities, which follow from the content. */
function arbitraryKept(): fc.Arbitrary<Omit<Kept, "contentHash" | "inputHash">> {
  const always = {
    id: arbitraryId,
    rev: fc.constant(1),
    source: name,
    sourceKind: fc.constantFrom(...sourceKinds),
    groupKey: name,
    domain: name,
    tags: fc.uniqueArray(name, { maxLength: 4 }),
    weight: share,
    quality: fc.record(
      { score: share, tier: fc.constantFrom(...tiers), factors: fc.constantFrom({}, { length: 0.25, clarity: 0.5 }) },
      { requiredKeys: ["tier", "factors"] },
    ),
    reviewStatus: fc.constantFrom(...reviewStatuses),
    lifecycle: fc.constantFrom(...lifecycles),
    includeInTraining: fc.boolean(),
    wasCorrected: fc.boolean(),
    validated: fc.boolean(),
    createdAt: instant,
    createdBy: name,
    updatedAt: instant,
    metadata: jsonObject,
  } as const;
  const sometimes = {
    sourceId: name,
    parentId: arbitraryId,
    importId: arbitraryId,
    project: name,
    topic: name,
    type: name,
    style: name,
    language: fc.constantFrom("en", "de", "ja"),
    complexity: fc.integer({ min: 1, max: 10 }),
    confidence: share,
    learningValue: fc.constantFrom(...learningValues),
    relevance: fc.constantFrom(...relevances),
    engagement,
    features: jsonObject.filter((features) => Object.keys(features).length > 0),
    feedback: someText,
    verifiedAccurate: fc.boolean(),
    correctionReason: someText,
    corrector: name,
    wasUsed: fc.boolean(),
    modificationsMade: someText,
    subjectId: fc.stringMatching(/^[0-9a-f]{64}$/),
  } as const;
  return fc.tuple(fc.record(always), fc.record(sometimes, { requiredKeys: [] })).map(([kept, more]) => ({ ...kept, ...more }));
}

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { eventSchema, readEvent } from "./event.ts";

const id = "01JGFJJZ00KKE20RWE6YQ7QH7Z";
const messages = [
  { role: "user", content: "How deep do I sow beans?" },
  { role: "assistant", content: "Four to five centimetres." },
];
const chat = {
  kind: "chat",
  id,
  messages,
  source: "bot",
  createdAt: "2026-03-01T08:00:00.000Z",
  metadata: { model: "m1", tokens: { in: 3 } },
};

describe("an event", () => {
  test("is an example, with or without its dataset, or a signal", () => {
    const events = [
      { kind: "example", example: chat },
      { kind: "example", example: { kind: "text", text: "gm" }, dataset: "posts" },
      { kind: "signal", signal: { id: "s1", kind: "feedback", target: { exampleId: id }, action: "like", at: "2026-03-01T08:00:00Z" } },
    ];
    expect(events.map((event) => readEvent(event))).toEqual(events.map((event) => ({ event })));
  });

  test.each([
    ["no object", [], "it is no JSON object"],
    ["another kind", { kind: "poem" }, "kind: Invalid discriminator value. Expected 'example' | 'signal'"],
    [
      "a time that is none",
      { kind: "example", example: { ...chat, createdAt: "2026-02-30T08:00:00.000Z" } },
      "example.createdAt: Invalid ISO datetime",
    ],
    ["an id that is none", { kind: "example", example: { ...chat, id: "1" } }, "example.id: must be a ULID"],
    ["members of its own", { kind: "example", example: { ...chat, "ana@example.org": 1 } }, "example: it has members that are not known"],
    [
      "what JSON cannot say",
      { kind: "example", example: { ...chat, metadata: { "ana@example.org": Infinity } } },
      "example.metadata: Invalid input",
    ],
  ])("is refused for %s, in words that repeat nothing of it", (_, value, problem) => {
    expect(readEvent(value)).toEqual({ problem });
  });

  test("is refused where it nests deeper than can be followed", () => {
    const deep: unknown = JSON.parse(`${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`);
    expect(readEvent({ kind: "example", example: { ...chat, metadata: deep } })).toEqual({ problem: "it nests too deep" });
  });
});

test("what is let in by a look is what the schema takes, unchanged", () => {
  const word = fc.oneof(fc.string(), fc.constant("x".repeat(1_001)), fc.integer(), fc.constant(null));
  const turn = fc.record(
    {
      role: fc.constantFrom("user", "assistant", "system", "tool", "poet"),
      content: fc.oneof(fc.string(), fc.integer()),
      name: fc.string(),
    },
    { requiredKeys: ["role"] },
  );
  const example = fc.record(
    {
      kind: fc.constantFrom("chat", "chat", "chat", "text"),
      messages: fc.array(turn, { maxLength: 3 }),
      id: fc.constantFrom(id, id, "8", 1),
      source: word,
      sourceKind: fc.constantFrom("conversation", "poem"),
      createdAt: fc.oneof(
        fc.date().map((date) => (Number.isNaN(date.getTime()) ? "never" : date.toISOString())),
        fc.constantFrom("2026-02-30T08:00:00.000Z", "2026-03-01", "2026-03-01T08:00:00.000+01:00"),
      ),
      tags: fc.array(word, { maxLength: 2 }),
      metadata: fc.oneof(fc.jsonValue(), fc.record({ n: fc.double() })),
      context: word,
      constructor: fc.string(),
    },
    { requiredKeys: ["kind", "messages"] },
  );
  const event = fc.record(
    {
      kind: fc.constantFrom("example", "example", "signal"),
      example,
      dataset: fc.oneof(word, fc.constant("x".repeat(201))),
      other: fc.nat(),
    },
    { requiredKeys: ["kind", "example"] },
  );
  fc.assert(
    fc.property(event, (value) => {
      const read = readEvent(value);
      const parsed = eventSchema.safeParse(value);
      expect("event" in read).toBe(parsed.success);
      if ("event" in read) expect(read.event).toEqual(parsed.data);
    }),
    { numRuns: 2_000 },
  );
});

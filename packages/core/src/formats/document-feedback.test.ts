import { expect, test } from "vitest";
import type { Json } from "../schema/json.ts";
import { signalSchema } from "../schema/signal.ts";
import type { Signal } from "../schema/signal.ts";
import { refusalOf } from "./contract.ts";
import { detectFormat } from "./detect.ts";
import { documentFeedback } from "./document-feedback.ts";

/** Document 5, "Feedback Log Sample". */
const sample = { timestamp: "2024-11-20T12:00:00Z", insight_id: "abc123", action: "like", metadata: { user_id: 1 } };

function signalOf(row: Json): Signal {
  const reading = documentFeedback.read?.(row, { fileKind: "jsonl" });
  if (reading === undefined || "refused" in reading) throw new Error("was not read");
  const [signal, ...others] = reading.signals ?? [];
  if (signal === undefined || others.length + reading.examples.length > 0) throw new Error("is not one signal");
  expect(signalSchema.safeParse(signal).success).toBe(true);
  return signal;
}

test("every field of document 5's feedback lands in one signal, and its user in a pseudonym", () => {
  expect(signalOf(sample)).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{26}$/),
    kind: "engagement",
    target: { exampleId: "abc123", itemId: "abc123" },
    action: "like",
    actor: expect.stringMatching(/^[0-9a-f]{26}$/),
    at: "2024-11-20T12:00:00.000Z",
  });
});

test("the same line is the same signal, whatever the order of its members; another line is another", () => {
  const { insight_id, ...rest } = sample;
  expect(signalOf({ ...rest, insight_id }).id).toBe(signalOf(sample).id);
  expect(signalOf({ ...sample, action: "share" }).id).not.toBe(signalOf(sample).id);
});

test("one person is one actor, two are two", () => {
  const later = signalOf({ ...sample, timestamp: "2024-11-21T12:00:00Z" });
  const other = signalOf({ ...sample, metadata: { user_id: 2 } });
  expect(later.actor).toBe(signalOf(sample).actor);
  expect(other.actor).not.toBe(later.actor);
});

test.each(["like", "x", "bookmark", "share", "shown"])("reads the action %s", (action) => {
  expect(signalOf({ ...sample, action }).action).toBe(action);
});

test("knows the example where the line says it, and keeps what else it says", () => {
  const row = { ...sample, example_id: "01JD0000000000000000000001", metadata: { user_id: 1, position: 3 }, client: "web" };
  expect(signalOf(row)).toMatchObject({
    target: { exampleId: "01JD0000000000000000000001", itemId: "abc123" },
    payload: { position: 3, client: "web" },
  });
});

test("is recognised by its names", () => {
  expect(detectFormat({ rows: [sample], fileKind: "jsonl" })).toEqual({
    format: documentFeedback,
    reason: "the rows hold `insight_id` and `action`: what people did with insights",
  });
});

test.each<[string, Json, string]>([
  ["another action", { ...sample, action: "secret" }, "action"],
  ["no insight", { ...sample, insight_id: null }, "incomplete"],
  ["no time", { ...sample, timestamp: "secret" }, "incomplete"],
  ["a view by nobody", { ...sample, action: "shown", metadata: {} }, "incomplete"],
  ["no object", "secret", "shape"],
])("refuses %s without showing content", (_, row, code) => {
  const { refused, reason } = refusalOf(documentFeedback, row);
  expect(refused).toBe(code);
  expect(reason).not.toContain("secret");
});

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestWorkspace } from "../operations/test-workspace.ts";
import { openTestWorkspace } from "../operations/test-workspace.ts";
import type { Described, NewExample } from "../schema/example.ts";
import type { Json } from "../schema/json.ts";
import { rowToExample } from "../schema/row.ts";
import type { NewRow } from "../storage/storage.ts";
import { toHex } from "../text/hash.ts";
import type { Arrival, Door } from "./door.ts";

let opened: TestWorkspace;
let door: Door;
beforeAll(async () => {
  opened = await openTestWorkspace({ packs: ["assistant"] });
  door = await opened.workspace.door();
});
afterAll(() => opened.end());

function chat(question: string, told: Described = {}): NewExample {
  const messages = [
    { role: "user", content: question },
    { role: "assistant", content: "I have written it down and will answer within two days." },
  ] as const;
  return { ...told, kind: "chat", messages };
}

function entered(example: NewExample, arrival: Partial<Arrival> = {}): NewRow {
  const passage = door(example, { actor: "user:test", ...arrival });
  if ("refused" in passage) throw new Error(`${passage.refused}: ${passage.message}`);
  return passage.row;
}

/** Everything of a row as one text; bytes as hex. */
function textOf(row: NewRow): string {
  return JSON.stringify(row, (_, value: unknown) => (value instanceof Uint8Array ? toHex(value) : value));
}

function rulesOf(row: NewRow): readonly string[] {
  return row.findings.map(({ rule }) => rule);
}

describe("redaction", () => {
  test("comes before hashing: two rows that differ in the address alone are the same content", () => {
    const [ana, ben] = ["ana@example.org", "ben.long.name@example.com"].map((address) =>
      entered(chat(`Write to me at ${address}, please.`)),
    );
    expect(ana?.row.content_hash).toEqual(ben?.row.content_hash);
    expect(ana?.row.input_text).toBe("Write to me at [REDACTED_EMAIL], please.");
  });

  test("reaches everything an example says, and counts what it took", () => {
    const address = "ana.kovac@example.org";
    const passage = door(
      chat(`Mail ${address}`, {
        tags: [address],
        topic: `about ${address}`,
        feedback: `thanks, ${address}`,
        correctionReason: address,
        metadata: { [`from ${address}`]: { cc: [address] } },
        features: { signature: address },
      }),
      { actor: "user:test" },
    );
    expect(passage.redacted).toEqual({ EMAIL: 8 });
    if ("refused" in passage) throw new Error(passage.message);
    expect(textOf(passage.row)).not.toContain("ana.kovac");
    expect(passage.row.tags).toEqual(["[REDACTED_EMAIL]"]);
  });

  test("leaves the time of making alone", () => {
    expect(entered(chat("When?", { createdAt: "2024-05-01T10:00:00+02:00" })).row.created_at).toBe(Date.UTC(2024, 4, 1, 8));
  });

  test("spans move along with what is replaced before them", () => {
    const entities = [
      { label: "person", start: 0, end: 15, surface: "ana@example.org" },
      { label: "item", start: 35, end: 40, surface: "shoes" },
    ];
    const example: NewExample = {
      kind: "classification",
      text: "ana@example.org wants a refund for shoes 👟",
      labels: { intent: "refund" },
      entities,
    };
    expect(door(example, { actor: "user:test" }).redacted).toEqual({ EMAIL: 1 });
    const row = entered(example);
    expect(rowToExample(row.row)).toMatchObject({
      text: "[REDACTED_EMAIL] wants a refund for shoes 👟",
      entities: [
        { label: "person", start: 0, end: 16, surface: "[REDACTED_EMAIL]" },
        { label: "item", start: 36, end: 41, surface: "shoes" },
      ],
    });
    expect(rulesOf(row)).not.toContain("span-invalid");
  });

  test("a span's label and a surface that is not in the text are redacted, too", () => {
    for (const text of ["nothing personal here", "but ana@example.org here"]) {
      const entities = [
        { label: "ben@example.org", start: 0, end: 3, surface: text.slice(0, 3) },
        { label: "person", start: 0, end: 2, surface: "cleo@example.org" },
      ];
      const row = entered({ kind: "classification", text, labels: {}, entities });
      expect(textOf(row)).not.toMatch(/ana@|ben@|cleo@/);
      expect(rowToExample(row.row)).toMatchObject({ entities: [{ label: "[REDACTED_EMAIL]" }, { label: "person" }] });
      expect(rulesOf(row)).toContain("span-invalid");
    }
  });

  test("identifiers that are personal become stable pseudonyms, others stay", () => {
    const told = {
      sourceId: "Ana@Example.org",
      parentId: "order-17",
      groupKey: "ana@example.org",
      createdBy: "ben@example.org",
      corrector: "ben@example.org",
    };
    const { row } = entered(chat("May I?", told));
    expect(row.source_id).toMatch(/^person_[0-9a-f]{20}$/);
    expect([row.group_key, row.parent_id, row.corrector]).toEqual([row.source_id, "order-17", row.created_by]);
    expect(row.created_by).not.toBe(row.source_id);
    expect(textOf(entered(chat("May I again?", told)))).not.toMatch(/ana@|ben@/i);
    expect(entered(chat("Later", told)).row.source_id).toBe(row.source_id);
  });

  test("the subject is a hash: one that comes as such stays, a name becomes one", () => {
    const hash = "ab".repeat(32);
    expect(entered(chat("Who?", { subjectId: hash })).subjectId).toBe(hash);
    const [named, again] = ["Ana@example.org", "ana@example.org "].map((subjectId) => entered(chat("Who?", { subjectId })).subjectId);
    expect(named).toMatch(/^[0-9a-f]{20,}$/);
    expect(again).toBe(named);
    expect(entered(chat("Who?", { subjectId: "customer 17" })).subjectId).toMatch(/^[0-9a-f]{20,}$/);
  });
});

describe("mending", () => {
  test("U+0000 becomes U+FFFD, said by a finding", () => {
    const row = entered({ kind: "text", text: "one\u0000two three four five", metadata: { "a\u0000b": "c\u0000d" } });
    expect(row.row.input_text).toBe("one\ufffdtwo three four five");
    expect(row.row.metadata).toBe('{"a\ufffdb":"c\ufffdd"}');
    expect(row.findings).toContainEqual(
      expect.objectContaining({ rule: "encoding", severity: "warning", message: expect.stringContaining("U+0000") }),
    );
  });

  test("half a surrogate pair becomes U+FFFD, a whole one stays", () => {
    const row = entered({ kind: "text", text: "whole 🎀 and half \ud83c in a line of text" });
    expect(row.row.input_text).toBe("whole 🎀 and half \ufffd in a line of text");
    expect(rulesOf(row)).toContain("lone-surrogate");
  });

  test("whole text gives no such finding", () => {
    expect(rulesOf(entered({ kind: "text", text: "whole 🎀 text, nothing to mend in it" }))).toEqual([]);
  });

  test("what the reader mended is a finding, once where a rule finds the same", () => {
    const remarks = [{ rule: "lone-surrogate", message: "an unpaired surrogate was replaced by U+FFFD", at: "/text" }];
    const row = entered({ kind: "text", text: "a line that the reader has mended: \ufffd" }, { remarks });
    expect(rulesOf(row).filter((rule) => rule === "lone-surrogate")).toHaveLength(1);
    expect(row.findings[0]).toEqual({ ...remarks[0], severity: "warning" });
  });
});

describe("what is not said", () => {
  test("defaults fill what is missing; tags of both join", () => {
    const defaults = { source: "file", project: "north", type: "casual", tags: ["batch", "shared"] };
    const example = rowToExample(entered(chat("Where?", { source: "form", tags: ["shared", "own"] }), { defaults }).row);
    expect(example).toMatchObject({ source: "form", project: "north", type: "casual", tags: ["batch", "shared", "own"] });
  });

  test("a row that says nothing else is of this import, pending, active, by who brought it", () => {
    const example = rowToExample(entered(chat("Hello?"), { importId: "i1" }).row);
    expect(example).toMatchObject({
      source: "import",
      importId: "i1",
      weight: 1,
      reviewStatus: "pending",
      lifecycle: "active",
      includeInTraining: true,
      createdBy: "user:test",
      groupKey: example.id,
    });
    expect(example.createdAt).toBe(example.updatedAt);
  });

  test("an id that was made elsewhere is kept", () => {
    const id = "01JD0000000000000000000001";
    expect(entered(chat("Mine?", { id })).row).toMatchObject({ id, group_key: id });
  });
});

test("the score is the sum of its factors, clipped, and stored with what made it", () => {
  for (const text of ["short", "a long line of text. ".repeat(30), `${"x\u0000".repeat(3)} &amp; ${"same words again ".repeat(80)}`]) {
    const { row, scores } = entered({
      kind: "chat",
      messages: [
        { role: "user", content: "q?" },
        { role: "assistant", content: text },
      ],
    });
    const [score] = scores;
    const sum = Object.values(score?.factors ?? {}).reduce((total, factor) => total + factor, 0);
    expect(score).toMatchObject({ name: "tier", value: row.quality_score, tier: row.quality_tier });
    expect(score?.value).toBeCloseTo(Math.min(1, Math.max(0, sum)), 10);
    expect(score?.version).toContain(opened.workspace.packs.fingerprint.slice(0, 8));
  }
});

describe("refusal", () => {
  test("by a rule that rejects, with its name and reason, and what was redacted on the way", () => {
    const passage = door(
      { kind: "preference", prompt: [{ role: "user", content: "Mail ana@example.org" }], chosen: [], rejected: [] },
      { actor: "user:test" },
    );
    expect(passage).toEqual({ refused: "preference-incomplete", message: expect.any(String), redacted: { EMAIL: 1 } });
    expect(door({ kind: "text", text: " \n" }, { actor: "user:test" })).toMatchObject({ refused: "empty-text" });
  });

  test("a rule that only flags lets in, with its finding", () => {
    expect(rulesOf(entered(chat("Why?", { confidence: 7 })))).toContain("confidence-range");
  });

  test.each([
    ["a number beyond JSON", { metadata: { far: Infinity } }],
    ["no number", { features: { none: Number.NaN } }],
    ["metadata nested 10,000 deep", { metadata: { deep: nested(10_000) } }],
  ])("of %s", (_, told) => {
    expect(door(chat("How deep?", told), { actor: "user:test" })).toMatchObject({ refused: "not-json" });
  });

  test("of a time that is none", () => {
    expect(door(chat("When was that?", { createdAt: "nonsense" }), { actor: "user:test" })).toMatchObject({ refused: "not-json" });
  });

  test("of tool arguments and foreign parts nested 10,000 deep", () => {
    const call = { id: "c1", name: "search", arguments: { deep: nested(10_000) } };
    const messages = [
      { role: "user", content: "Search" },
      { role: "assistant", content: "", toolCalls: [call] },
      { role: "tool", content: "{}", toolCallId: "c1" },
      { role: "assistant", content: "Found", parts: [nested(10_000)] },
    ] as const;
    expect(door({ kind: "chat", messages }, { actor: "user:test" })).toMatchObject({ refused: "not-json" });
  });
});

function nested(depth: number): Json {
  let value: Json = "ground";
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { in: value };
  return value;
}

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TilthError } from "../errors.ts";
import { newExampleSchema } from "../schema/example.ts";
import type { ImportMap } from "../schema/config.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import { readOne, refusalOf, remarksOn } from "./contract.ts";
import { checkMap, compileMap } from "./mapping.ts";
import { parseMapArguments } from "./mapping-parse.ts";

const one = (map: ImportMap, row: Json, fileKind: "csv" | "jsonl" = "jsonl"): ReturnType<typeof readOne> =>
  readOne(compileMap(map), row, fileKind);
const refused = (map: ImportMap, row: Json, fileKind: "csv" | "jsonl" = "jsonl"): readonly string[] => {
  const { refused: code, reason } = refusalOf(compileMap(map), row, fileKind);
  return [code, reason];
};

function errorOf(call: () => unknown): TilthError {
  try {
    call();
  } catch (error) {
    if (error instanceof TilthError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("a row by a map", () => {
  test("becomes an exchange, the columns nobody mapped its metadata", () => {
    expect(
      one({ input: "question", output: "answer", domain: "'code'" }, { question: "2+2?", answer: "4", level: "3", empty: "" }, "csv"),
    ).toEqual({
      kind: "chat",
      messages: [
        { role: "user", content: "2+2?" },
        { role: "assistant", content: "4" },
      ],
      domain: "code",
      metadata: { level: "3" },
    });
  });

  test("gives its messages in the order written, an empty one left out", () => {
    const map = parseMapArguments([
      "messages[system]=s",
      "messages[user]=q1",
      "messages[assistant]=a1",
      "messages[user]=q2",
      "messages[assistant]=a2",
    ]);
    const row = { a1: "one", a2: "two", q1: "first?", q2: "second?", s: "" };
    expect(one(map, row)).toEqual({
      kind: "chat",
      messages: [
        { role: "user", content: "first?" },
        { role: "assistant", content: "one" },
        { role: "user", content: "second?" },
        { role: "assistant", content: "two" },
      ],
    });
  });

  test("gives messages that it holds as a list, and puts the mapped system text before them", () => {
    const list = [
      { from: "human", value: "hi" },
      { from: "gpt", value: "hello" },
    ];
    const wanted = {
      kind: "chat",
      messages: [
        { role: "system", content: "Be kind." },
        { role: "user", content: "hi" },
        { role: "assistant", content: "hello" },
      ],
    };
    expect(one({ messages: "conversations", system: "sys" }, { conversations: list, sys: "Be kind." })).toEqual(wanted);
    expect(one({ messages: "conversations", system: "sys" }, { conversations: JSON.stringify(list), sys: "Be kind." }, "csv")).toEqual(
      wanted,
    );
  });

  test("keeps an answer that happens to be JSON text as the text it is", () => {
    const map = { "messages[user]": "q", "messages[assistant]": "a" };
    expect(one(map, { q: "A list?", a: "[1, 2]" })).toMatchObject({ messages: [{ content: "A list?" }, { content: "[1, 2]" }] });
    expect(one({ prompt: "q", chosen: "a", rejected: "b" }, { q: "A list?", a: "[1, 2]", b: "{}" }, "csv")).toMatchObject({
      chosen: [{ content: "[1, 2]" }],
      rejected: [{ content: "{}" }],
    });
    expect(refused(map, { q: "A list?", a: [1, 2] })).toEqual(["value", "`a` does not fit `messages`, which is text"]);
  });

  test("is a pair whose answers another column names; that column stays in the metadata", () => {
    const map = { kind: "'preference'", "prompt[user]": "input", chosen: "output_{label}", rejected: "output_{label|swap(1,2)}" };
    for (const label of [2, "2", " 2 "]) {
      expect(one(map, { input: "2+2?", output_1: "5", output_2: "4", ...(label === " 2 " ? { label: "2" } : { label }) })).toEqual({
        kind: "preference",
        prompt: [{ role: "user", content: "2+2?" }],
        chosen: [{ role: "assistant", content: "4" }],
        rejected: [{ role: "assistant", content: "5" }],
        metadata: { label: label === 2 ? 2 : "2" },
      });
    }
    expect(refused(map, { input: "2+2?", output_1: "5", output_2: "4", label: 3 })).toEqual([
      "value",
      "`label` cannot be read by `swap(1,2)`",
    ]);
  });

  test("is a pair or a rating of plain texts as well", () => {
    const row = { q: "2+2?", a: "4", b: "5", ok: "no" };
    expect(one({ input: "q", output: "a", rejected: "b", "metadata.ok": "ok" }, row)).toEqual({
      kind: "preference",
      prompt: [{ role: "user", content: "2+2?" }],
      chosen: [{ role: "assistant", content: "4" }],
      rejected: [{ role: "assistant", content: "5" }],
      metadata: { ok: "no" },
    });
    expect(one({ input: "q", output: "b", label: "ok|bool" }, row)).toEqual({
      kind: "rating",
      prompt: [{ role: "user", content: "2+2?" }],
      completion: [{ role: "assistant", content: "5" }],
      label: false,
      metadata: { a: "4" },
    });
  });

  test("is a pair, a rating, a text, a class, an extraction or steps, by the fields that are mapped", () => {
    const kinds = (fields: readonly string[]): readonly string[] =>
      compileMap(Object.fromEntries(fields.map((field) => [field, "x"]))).kinds;
    expect(kinds(["input", "output"])).toEqual(["chat"]);
    expect(kinds(["prompt", "completion"])).toEqual(["chat"]);
    expect(kinds(["messages[user]", "reference"])).toEqual(["chat"]);
    expect(kinds(["prompt", "chosen", "rejected"])).toEqual(["preference"]);
    expect(kinds(["input", "output", "rejected"])).toEqual(["preference"]);
    expect(kinds(["input", "output", "label"])).toEqual(["rating"]);
    expect(kinds(["text", "intent"])).toEqual(["classification"]);
    expect(kinds(["text"])).toEqual(["text"]);
    expect(kinds(["document.content", "items"])).toEqual(["extraction"]);
    expect(kinds(["prompt", "steps"])).toEqual(["steps"]);
    expect(compileMap({ kind: "'classification'", text: "x" }).kinds).toEqual(["classification"]);
  });

  test("holds a class with its spans, built from offsets, and remarks a span that cannot be right", () => {
    const map = { text: "t", intent: "i", category: "c|split(;)", entities: "e" };
    const row = { t: "Ship to Rome", i: "ship", c: "a; b", e: '[{"label":"CITY","start":8,"end":12}]' };
    expect(one(map, row, "csv")).toEqual({
      kind: "classification",
      text: "Ship to Rome",
      labels: { intent: "ship", categories: ["a", "b"] },
      entities: [{ label: "CITY", start: 8, end: 12, surface: "Rome" }],
    });
    expect(remarksOn(compileMap(map), { ...row, e: [{ label: "CITY", start: 8, end: 12, surface: "Paris" }] })).toMatchObject([
      { rule: "span-invalid" },
    ]);
  });

  test("holds an extraction; a document of more than 8,000 characters is cut and says so", () => {
    const map = { "document.content": "body", "document.url": "link", items: "found" };
    const row = { body: "😀".repeat(8_001), link: "https://example.com", found: [{ text: "it grew", category: "fact" }] };
    expect(one(map, row)).toEqual({
      kind: "extraction",
      document: { url: "https://example.com", content: "😀".repeat(8_000) },
      items: [{ id: "item_1", text: "it grew", category: "fact" }],
      metadata: { truncated: true },
    });
  });

  test("fills common fields with what they hold, from text as well", () => {
    const map = {
      text: "t",
      tags: "tags",
      complexity: "level",
      confidence: "sure",
      verifiedAccurate: "ok",
      learningValue: "worth",
      createdAt: "when",
      "engagement.likes": "likes",
      sourceId: "nr",
      'metadata.a."b c"': "x",
      "features.length": "n|int",
    };
    const row = {
      t: "gm",
      tags: "a, b",
      level: "7",
      sure: "0.5",
      ok: "yes",
      worth: "High",
      when: "2024-02-29",
      likes: "12.0",
      nr: 7,
      x: "deep",
      n: "3",
    };
    expect(one(map, row)).toEqual({
      kind: "text",
      text: "gm",
      tags: ["a", "b"],
      complexity: 7,
      confidence: 0.5,
      verifiedAccurate: true,
      learningValue: "high",
      createdAt: "2024-02-29T00:00:00.000Z",
      engagement: { likes: 12 },
      sourceId: "7",
      metadata: { a: { "b c": "deep" } },
      features: { length: 3 },
    });
  });

  test("is refused with the column and the reason, never the value", () => {
    const secret = "s3cret";
    for (const [field, value, reason] of [
      ["createdAt", "x|date(M/D/YY)", "`x` cannot be read by `date(M/D/YY)`"],
      ["engagement.likes", "x|int", "`x` cannot be read by `int`"],
      ["complexity", "x", "`x` does not fit `complexity`, which is a whole number from 1 to 10"],
      ["metadata.y", "x|json", "`x` cannot be read by `json`"],
      ["createdAt", "x", "`x` does not fit `createdAt`, which is an ISO time unless date(FORMAT) says how it is written"],
    ] as const) {
      expect(refused({ text: "t", [field]: value }, { t: "gm", x: secret })).toEqual(["value", reason]);
    }
    expect(refused({ text: "t", "engagement.likes": "n|int" }, { t: "gm", n: "-1" })[0]).toBe("value");
    expect(refused({ text: "t", "engagement.likes": "n|number" }, { t: "gm", n: "1.5" })[0]).toBe("value");
    expect(refused({ text: "t", sourceId: "n" }, { t: "gm", n: "x".repeat(1_001) })[0]).toBe("value");
  });

  test("is refused as incomplete without what an example cannot do without", () => {
    expect(refused({ text: "t" }, { other: "x" })).toEqual(["incomplete", "the row has no `text`"]);
    expect(refused({ text: "t" }, { t: "" }, "csv")[0]).toBe("incomplete");
    expect(refused({ input: "q", output: "a" }, { q: "why?", a: null })[0]).toBe("incomplete");
    expect(refused({ prompt: "q", chosen: "a", rejected: "b" }, { q: "why?", a: "so" })).toEqual([
      "incomplete",
      "the row has no `rejected`",
    ]);
    expect(refused({ text: "t" }, ["no object"])[0]).toBe("shape");
  });

  test("an absent or empty value takes the default, an absent optional one nothing", () => {
    const map = { text: "t", domain: "d|trim|default('general')", "engagement.likes": "n|int" };
    expect(one(map, { t: "gm", d: "  ", n: " " })).toEqual({ kind: "text", text: "gm", domain: "general" });
    expect(one(map, { t: "gm" })).toEqual({ kind: "text", text: "gm", domain: "general" });
  });
});

describe("columns and paths", () => {
  test("a column whose name holds dots or brackets wins over a path", () => {
    const map = { text: "a.b[0]" };
    expect(one(map, { "a.b[0]": "whole", a: { b: ["deep"] } })).toEqual({ kind: "text", text: "whole", metadata: { a: { b: ["deep"] } } });
    expect(one(map, { "a.b": ["half"], a: { b: ["deep"] } })).toMatchObject({ text: "half" });
    expect(one(map, { a: { b: ["deep"] } })).toEqual({ kind: "text", text: "deep" });
    expect(one({ text: "Price [EUR]" }, { "Price [EUR]": "3" })).toMatchObject({ text: "3" });
  });

  test("a name in double quotes is taken as it is", () => {
    expect(one({ text: String.raw`"a|b \"c\" {d}"` }, { 'a|b "c" {d}': "x" })).toEqual({ kind: "text", text: "x" });
    expect(one({ text: '"a.b".c' }, { "a.b": { c: "x" }, "a.b.c": "no" })).toMatchObject({ text: "x" });
    expect(one({ text: '"__proto__"' }, JSON.parse('{"__proto__": "x"}'))).toEqual({ kind: "text", text: "x" });
  });

  test("a path leads through JSON text in a cell", () => {
    expect(one({ input: "data.q", output: "data.turns[1]" }, { data: '{"q":"why?","turns":["a","so"],"rest":1}' }, "csv")).toEqual({
      kind: "chat",
      messages: [
        { role: "user", content: "why?" },
        { role: "assistant", content: "so" },
      ],
      // What the map took is gone, the rest keeps its place.
      metadata: { data: { turns: ["a", null], rest: 1 } },
    });
  });

  test("what a row inherits is no column", () => {
    expect(refused({ text: "constructor" }, { t: "x" })[0]).toBe("incomplete");
    expect(refused({ text: "t.constructor.name" }, { t: {} })[0]).toBe("incomplete");
  });

  test("a column that only some rows have is absent elsewhere; one that none has is an error that names the nearest", () => {
    const format = compileMap({ input: "question", output: "answers.best" });
    checkMap(format, [{ question: "why?" }, { answers: { best: "so" } }]);
    checkMap(format, []);
    checkMap(compileMap({ text: "t" }), [{ t: null }]);
    const unknown = (rows: readonly Json[]): readonly unknown[] => {
      const error = errorOf(() => checkMap(format, rows));
      return [error.code, error.details["column"], error.details["field"], error.details["hint"]];
    };
    expect(unknown([{ Questions: "why?", answers: { best: "so" } }])).toEqual([
      "map/unknown-column",
      "question",
      "input",
      "The nearest is Questions.",
    ]);
    expect(unknown([{ question: "why?", answers: '{"bets":"so"}' }])).toEqual([
      "map/unknown-column",
      "answers.best",
      "output",
      "The nearest in answers is bets.",
    ]);
    expect(unknown([{ question: "why?", x: 1 }])[3]).toBe("There are question, x.");
    expect(unknown([{ question: "why?", answers: "so" }])[3]).toBe("answers holds no JSON object.");
    expect(unknown(Array.from({ length: 101 }, (_, i): Json => (i < 100 ? { question: "why?" } : { answers: { best: "so" } })))[0]).toBe(
      "map/unknown-column",
    );
  });

  test("columns named by columns are checked as well", () => {
    const format = compileMap({ prompt: "q", chosen: "out_{label}", rejected: "out_{label|swap(1,2)}" });
    checkMap(format, [{ q: "", label: 1, out_1: "a", out_2: "b" }]);
    expect(errorOf(() => checkMap(format, [{ q: "", lable: 1, out_1: "a", out_2: "b" }])).message).toContain("label for chosen");
    expect(errorOf(() => checkMap(format, [{ q: "", label: 1, put_1: "a" }])).details).toMatchObject({
      column: "out_{label}",
      hint: "The nearest is put_1.",
    });
    expect(errorOf(() => checkMap(compileMap({ text: "turns[2]" }), [{ turns: ["a"] }])).details["hint"]).toBe("turns has no element 2.");
  });
});

test("any row by any map is an example that the schema takes, or is refused", () => {
  const fields = [
    "domain",
    "tags",
    "complexity",
    "createdAt",
    "engagement.likes",
    "metadata.x",
    "metadata",
    "includeInTraining",
    "learningValue",
  ];
  const filters = ["", "|trim", "|int", "|number", "|bool", "|json", "|split(;)", "|date(D.M.YYYY)", "|default('1')", "|unescape"];
  const map = fc.dictionary(
    fc.constantFrom(...fields),
    fc.tuple(fc.constantFrom("a", "b.c", "d[0]", "o_{e}"), fc.constantFrom(...filters)).map((parts) => parts.join("")),
  );
  const row = fc.record(
    { a: fc.jsonValue(), b: fc.jsonValue(), d: fc.jsonValue(), e: fc.jsonValue(), o_1: fc.jsonValue() },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(map, row, fc.constantFrom("csv", "jsonl"), (described, values, fileKind) => {
      const format = compileMap({ text: "a|default('x')", ...described });
      const reading = format.read?.(JSON.parse(JSON.stringify(values)), { fileKind });
      if (reading === undefined || "refused" in reading) return;
      for (const example of reading.examples) expect(newExampleSchema.safeParse(example)).toMatchObject({ success: true });
    }),
  );
});

test("nothing of a row is lost: what no field took is in the metadata", () => {
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.stringMatching(/^[a-z]{1,3}$/),
        fc.jsonValue().filter((value) => value !== null),
      ),
      (values) => {
        const { metadata: _, ...row }: JsonObject = JSON.parse(JSON.stringify({ ...values, metadata: 0 }));
        const { t: __, ...rest } = row;
        const example = one({ text: "t" }, { ...row, t: "gm" });
        expect(example.metadata ?? {}).toEqual(rest);
      },
    ),
  );
});

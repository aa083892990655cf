import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isJsonObject } from "../schema/json.ts";
import { json } from "./json.ts";
import { streamSource } from "./source.ts";
import { bytesSource, collect, readEverything, streamOf } from "./test-sources.ts";

describe("finds the rows", () => {
  test("in an array, with the line each begins in", async () => {
    const { records } = await readEverything(json, bytesSource('[\n  {"a": 1},\n\n  {"a":\n 2}, 3\n]\n'));
    expect(records).toEqual([
      { value: { a: 1 }, line: 2 },
      { value: { a: 2 }, line: 4 },
      { value: 3, line: 5 },
    ]);
  });

  test.each(["data", "examples", "rows", "items", "samples", "messages"])("under %s, whatever stands around", async (name) => {
    const text = JSON.stringify({ version: 1, about: { [name]: [9] }, [name]: [{ a: 1 }, { a: 2 }], after: [7] });
    expect((await readEverything(json, bytesSource(text))).values).toEqual([{ a: 1 }, { a: 2 }]);
  });

  test("under labels, each record with its label", async () => {
    const text = '{"Play \\"it\\"": [{"data": [1]}, {"data": [2]}], "Empty": [], "Stop": ["halt"]}';
    expect((await readEverything(json, bytesSource(text))).records).toEqual([
      { value: { data: [1] }, line: 1, group: 'Play "it"' },
      { value: { data: [2] }, line: 1, group: 'Play "it"' },
      { value: "halt", line: 1, group: "Stop" },
    ]);
  });

  test.each([
    ["a chat", { messages: [{ role: "user", content: "hi" }] }],
    ["a chat with tools", { messages: [{ role: "user", content: "hi" }], tools: [{ type: "function" }] }],
    ["a ShareGPT chat", { conversations: [{ from: "human", value: "hi" }] }],
    ["a preference", { prompt: [{ role: "user", content: "hi" }], chosen: [{ role: "assistant", content: "ho" }] }],
    ["a table written by column", { text: ["a", "b"], label: ["x", "y"] }],
    ["an object with a list of numbers", { scores: [1, 2] }],
    ["an object with other lists", { trace: { id: 1 }, observations: [{ id: 2 }] }],
    ["an object with an empty list", { a: [] }],
    ["an empty object", {}],
    ["a number", 5],
    ["null", null],
  ])("%s alone is one row", async (_, value) => {
    expect((await readEverything(json, bytesSource(JSON.stringify(value, undefined, 2)))).values).toEqual([value]);
  });

  test("in lines, under the name of JSON", async () => {
    const { records, notes } = await readEverything(json, bytesSource('{"data": [1]}\n\n{"data": [2]}\nbroken\n{"data": [3]}\n'));
    expect(records.map((record) => record.line)).toEqual([1, 3, 4, 5]);
    expect(notes).toContainEqual({ what: "layout", value: "lines", message: "Read as JSON Lines: one value a line." });
  });

  test("beyond the part that is looked at first", async () => {
    const text = JSON.stringify({ about: "x".repeat(2 << 20), examples: [{ a: 1 }, { a: 2 }] });
    expect((await readEverything(json, bytesSource(text))).values).toEqual([{ a: 1 }, { a: 2 }]);
    const one = { about: "x".repeat(2 << 20), text: "b" };
    expect((await readEverything(json, bytesSource(JSON.stringify(one)))).values).toEqual([one]);
  });

  test("also where a long element hides the rest of the layout", async () => {
    const rows = [{ text: "x".repeat(2 << 20) }, { text: "y" }];
    for (const shape of [rows, { rows }, { Label: rows }]) {
      expect((await readEverything(json, bytesSource(JSON.stringify(shape), 100_000))).values).toEqual(rows);
    }
  });
});

describe("goes on after", () => {
  test("an element that is broken in itself", async () => {
    const text = '[\n{"a": 1},\n{"a": secret},\n{"a" 2},\n{"b": [1,]},\n{"a": 3}\n]';
    const { values, records } = await readEverything(json, bytesSource(text));
    expect(values).toEqual([{ a: 1 }, { a: 3 }]);
    expect(records.slice(1, 4)).toEqual([
      { problem: "the element in line 3 is not JSON: unexpected character at column 7", line: 3, raw: '{"a": secret}' },
      { problem: "the element in line 4 is not JSON: expected ':' after property name at column 6", line: 4, raw: '{"a" 2}' },
      { problem: "the element in line 5 is not JSON: unexpected character at column 10", line: 5, raw: '{"b": [1,]}' },
    ]);
  });

  test("a comma that is missing or too many", async () => {
    const { values, problems } = await readEverything(json, bytesSource('[{"a":1} {"a":2}, {"a":3},, {"a":4},]'));
    expect(values).toEqual([{ a: 3 }, { a: 4 }]);
    expect(problems).toHaveLength(3);
  });

  test("a quote that is lost", async () => {
    const { values, problems } = await readEverything(json, bytesSource('[\n{"a": "x},\n{"a": 2},\n{"a": 3},\n{"a": 4}\n]'));
    expect(problems).toHaveLength(1);
    expect(values).toEqual([]);
    const inner = await readEverything(json, bytesSource('[\n{"a": "x\n},\n{"a": 2},\n{"a": 3}\n]'));
    expect(inner.values).toEqual([{ a: 2 }, { a: 3 }]);
    expect(inner.problems).toHaveLength(1);
  });
});

test("says that the rest cannot be read when brackets do not match", async () => {
  const { values, problems } = await readEverything(json, bytesSource('[\n{"a":1},\n{"a":[2},\n{"a":3}]'));
  expect(values).toEqual([{ a: 1 }]);
  expect(problems).toEqual(["the element in line 3 has brackets that do not match (line 3): the rest of the array cannot be read"]);
});

test.each([
  ['[{"a":1},{"a":', "the file ends in the element of line 1, before its array is closed: what stood before is read"],
  ['[{"a":1},', "the file ends in line 1, before its array is closed: what stood before is read"],
  ['{"data":[{"a":1}', "the file ends in the element of line 1, before its array is closed"],
  ['{"data":[{"a":1}]', "what stands around the rows is not JSON"],
  ['{"data":[{"a":1}], x}', "what stands around the rows is not JSON"],
  ['[{"a":1}]\n]', "more text follows in line 2 after the end of the JSON value"],
  ['[{"a":1}] trailing', "more text follows in line 1 after the end of the JSON value"],
])("keeps what was read before the fault in %s", async (text, problem) => {
  const { problems, values } = await readEverything(json, bytesSource(text));
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(problem);
  expect(values).toEqual(text.startsWith('[{"a":1},{') || !text.includes("}]") ? values : [{ a: 1 }]);
});

test("an empty text has no value", async () => {
  expect((await readEverything(json, bytesSource(" \n"))).problems).toEqual(["the JSON value is not JSON: unexpected end"]);
});

test("elements nested too deeply are problems, and 100,000 brackets do no harm", async () => {
  const deep = `${"[".repeat(10_000)}${"]".repeat(10_000)}`;
  const { problems, values } = await readEverything(json, bytesSource(`[1, ${deep}, 2]`));
  expect(values).toEqual([1, 2]);
  expect(problems).toEqual(["the element in line 1 is nested deeper than 512 levels"]);
  expect((await readEverything(json, bytesSource("[".repeat(100_000)))).problems).toHaveLength(1);
});

test("an element of 300 MB is a problem that takes bounded memory, and the next one is read", async () => {
  const before = process.memoryUsage().arrayBuffers;
  let peakBytes = 0;
  async function* longElement(): AsyncIterable<Uint8Array> {
    const piece = Buffer.alloc(1 << 20, "x");
    yield Buffer.from('[{"a":1},\n{"a":"');
    for (let megabytes = 0; megabytes < 300; megabytes++) {
      await Promise.resolve();
      peakBytes = Math.max(peakBytes, process.memoryUsage().arrayBuffers - before);
      yield piece;
    }
    yield Buffer.from('"},{"a":2}]');
  }
  const { values, problems } = await readEverything(json, streamSource("pipe", longElement()));
  expect(values).toEqual([{ a: 1 }, { a: 2 }]);
  expect(problems).toEqual(["the element in line 2 is longer than 64 MB"]);
  expect(peakBytes).toBeLessThan(250 * 1024 * 1024);
});

test("accepts exactly what JSON.parse accepts", async () => {
  const tokens = ["[", "]", "{", "}", ",", ":", '"a"', '"data"', '"messages"', "1", "-", "null", "tru", "e", " ", "\\", '"', "\t", "1.5e3"];
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...tokens), { maxLength: 14 }), async (parts) => {
      const text = parts.join("");
      const { problems } = await readEverything(json, bytesSource(text, 3));
      expect({ text, isRead: problems.length === 0 }).toEqual({ text, isRead: isAccepted(text) });
    }),
    { numRuns: 20_000 },
  );
}, 60_000);

test("reads the same from chunks of any size", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.jsonValue({ maxDepth: 4 }),
      fc.integer({ min: 1, max: 9 }),
      fc.nat({ max: 3 }),
      async (value, chunkBytes, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        const whole = await readEverything(json, bytesSource(text));
        expect((await readEverything(json, bytesSource(text, chunkBytes))).records).toEqual(whole.records);
        expect(whole.problems).toEqual([]);
        if (Array.isArray(value)) expect(whole.values).toEqual(JSON.parse(text));
        else if (!isJsonObject(value)) expect(whole.values).toEqual([JSON.parse(text)]);
      },
    ),
  );
});

test("writes an array with a row a line", async () => {
  expect((await collect(json.write(streamOf([{ b: 1 }, { a: "\ud800" }]), {}))).toString()).toBe('[\n  {"b":1},\n  {"a":"\ufffd"}\n]\n');
  expect((await collect(json.write(streamOf([]), {}))).toString()).toBe("[]\n");
});

test("writes the rows inside a pretty envelope", async () => {
  const envelope = { members: { dataset: "support", facts: { rows: 2, tags: [] } }, rowsKey: "examples" };
  const bytes = await collect(json.write(streamOf([{ a: 1 }, { a: 2 }]), { envelope }));
  expect(bytes.toString()).toBe(
    '{\n  "dataset": "support",\n  "facts": {\n    "rows": 2,\n    "tags": []\n  },\n  "examples": [\n    {"a":1},\n    {"a":2}\n  ]\n}\n',
  );
  expect((await readEverything(json, bytesSource(bytes))).values).toEqual([{ a: 1 }, { a: 2 }]);
  expect(JSON.parse((await collect(json.write(streamOf([]), { envelope }))).toString())).toMatchObject({ examples: [] });
});

/** As `JSON.parse` does, but for numbers that are Infinity to it. */
function isAccepted(text: string): boolean {
  try {
    JSON.parse(text, (_, value: unknown) => {
      if (value === Infinity || value === -Infinity) throw new Error("no value");
      return value;
    });
    return true;
  } catch {
    return false;
  }
}

import { expect, test } from "vitest";
import { jsonl } from "./jsonl.ts";
import { streamSource } from "./source.ts";
import { bytesSource, collect, pipeSource, readEverything, streamOf } from "./test-sources.ts";

test("reads a value a line, whatever the line ends are, and counts physical lines", async () => {
  const { records } = await readEverything(jsonl, bytesSource('\ufeff{"a":1}\r\n\r\n  \t\n{"a":2}\n[3]\n"x"\nnull'));
  expect(records).toEqual([
    { value: { a: 1 }, line: 1 },
    { value: { a: 2 }, line: 4 },
    { value: [3], line: 5 },
    { value: "x", line: 6 },
    { value: null, line: 7 },
  ]);
});

test("a broken line is a problem with its place and none of its content, and the next line is read", async () => {
  const { values, records } = await readEverything(jsonl, bytesSource('{"a":1}\n{"secret": hunter2}\n{"a":2}\n'));
  expect(values).toEqual([{ a: 1 }, { a: 2 }]);
  expect(records[1]).toEqual({ problem: "line 2 is not JSON: unexpected character at column 12", line: 2, raw: '{"secret": hunter2}' });
});

test.each([
  ['{"a": NaN}', "is not JSON: NaN and Infinity have no JSON form at column 7"],
  ['{"a": -Infinity}', "NaN and Infinity have no JSON form"],
  ["{'a': 1}", "is not JSON: expected property name or '}' at column 2"],
  ["['a']", "is not JSON: text needs double quotes at column 2"],
  ['{"a": 1', "is not JSON: expected ',' or '}' after property value at column 8"],
  ['{"a": "b', "is not JSON: unterminated string at column 9"],
  ['{"a": 1,}', "is not JSON: expected double-quoted property name at column 9"],
  ['{"a": 1} {"b": 2}', "is not JSON: unexpected non-whitespace character at column 10"],
  ["tru", "is not JSON: unexpected end"],
])("says why %s is no JSON", async (line, reason) => {
  const { problems } = await readEverything(jsonl, bytesSource(`${line}\n`));
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(reason);
});

test("a line nested 10,000 deep is a problem, 512 levels are read", async () => {
  const deep = (levels: number): string => `${'{"a":['.repeat(levels / 2)}1${"]}".repeat(levels / 2)}`;
  const { problems, values } = await readEverything(
    jsonl,
    bytesSource([deep(10_000), deep(512), deep(514), `["${"[".repeat(600)}"]`].join("\n")),
  );
  expect(problems).toEqual(["line 1 is nested deeper than 512 levels", "line 3 is nested deeper than 512 levels"]);
  expect(values).toHaveLength(2);
});

test("many brackets side by side are not deep", async () => {
  const wide = JSON.stringify(Array.from({ length: 2000 }, () => [{}]));
  expect((await readEverything(jsonl, bytesSource(wide))).values).toHaveLength(1);
});

test("a key called __proto__ is a member like any other", async () => {
  const { values } = await readEverything(jsonl, bytesSource('{"__proto__": {"admin": true}}'));
  expect(Object.keys(values[0] ?? {})).toEqual(["__proto__"]);
  expect(Object.getPrototypeOf(values[0])).toBe(Object.prototype);
});

test("a line of 50 MB is read", async () => {
  const { values } = await readEverything(jsonl, bytesSource(`{"text":"${"x".repeat(50 * 1024 * 1024)}"}\n{"a":1}\n`));
  expect(values).toHaveLength(2);
});

test("a line of 600 MB is a problem that takes bounded memory, and the next line is read", async () => {
  const before = process.memoryUsage().arrayBuffers;
  let peakBytes = 0;
  async function* longLine(): AsyncIterable<Uint8Array> {
    const piece = Buffer.alloc(1 << 20, "x");
    yield Buffer.from('{"a":1}\n');
    for (let megabytes = 0; megabytes < 600; megabytes++) {
      await Promise.resolve();
      peakBytes = Math.max(peakBytes, process.memoryUsage().arrayBuffers - before);
      yield piece;
    }
    yield Buffer.from('\n{"a":2}\n');
  }
  const { values, records } = await readEverything(jsonl, streamSource("pipe", longLine()));
  expect(values).toEqual([{ a: 1 }, { a: 2 }]);
  expect(records[1]).toMatchObject({ problem: "line 2 is longer than 64 MB", line: 2 });
  expect(records[2]).toMatchObject({ line: 3 });
  expect(peakBytes).toBeLessThan(250 * 1024 * 1024);
});

test("the refused text is kept up to 64 kB and not cut inside a character", async () => {
  const { records } = await readEverything(jsonl, bytesSource(`x${"ü".repeat(100_000)}`));
  const [record] = records;
  expect(record !== undefined && "problem" in record ? record.raw : "").toBe(`x${"ü".repeat(32_767)}`);
});

test("batches hold up to 1,000 records and tell how far the file is read", async () => {
  const bytes = Buffer.from('{"a":1}\n'.repeat(2500));
  const batches: number[] = [];
  let last = 0;
  for await (const batch of jsonl.read(pipeSource(bytes, 100), {})) {
    batches.push(batch.records.length);
    expect(batch.bytesRead).toBeGreaterThanOrEqual(last);
    last = batch.bytesRead;
  }
  expect(batches).toEqual([1000, 1000, 500]);
  expect(last).toBe(bytes.length);
});

test("writes an object a line, keys in the order given, half a character as U+FFFD", async () => {
  const rows = [
    { b: 1, a: [null, true] },
    { "\ud800k": "x\udc00", path: "c:\\ud800" },
  ];
  const bytes = await collect(jsonl.write(streamOf(rows), {}));
  expect(bytes.toString("utf8")).toBe('{"b":1,"a":[null,true]}\n{"\ufffdk":"x\ufffd","path":"c:\\\\ud800"}\n');
});

test("no rows are no bytes", async () => {
  expect((await collect(jsonl.write(streamOf([]), {}))).length).toBe(0);
});

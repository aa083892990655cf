import fc from "fast-check";
import { expect, test } from "vitest";
import { streamSource } from "./source.ts";
import { bytesSource, collect, pipeSource, readEverything, streamOf } from "./test-sources.ts";
import { tsv } from "./tsv.ts";

const read = (text: string, options = {}) => readEverything(tsv, bytesSource(text), options);

test("cells are cut at tabs only, whatever separates them elsewhere", async () => {
  const { values, notes } = await read("id, no\ta;b|c\n1, 2\t3;4\n5, 6\t7|8\n");
  expect(values).toEqual([
    { "id, no": "1, 2", "a;b|c": "3;4" },
    { "id, no": "5, 6", "a;b|c": "7|8" },
  ]);
  expect(notes).toEqual([{ what: "layout", value: "\t", message: "Read as cells with tabs between them." }]);
});

test("a quote that does not enclose its whole cell is text", async () => {
  const rows = ['"Yes," he said', 'size 12"', 'the "old" one', '"', '"a"b"', '""x', 'x""'];
  const { values, problems } = await read(`id\ttext\n${rows.map((row, id) => `${id}\t${row}\n`).join("")}`);
  expect(problems).toEqual([]);
  expect(values).toEqual(rows.map((text, id) => ({ id: `${id}`, text })));
});

test("a cell in quotes may hold tabs, line breaks and doubled quotes, also before CRLF", async () => {
  const { records } = await read('id\ttext\r\n1\t"a\tb\r\nc ""d"""\r\n2\t"e"\r\n');
  expect(records).toEqual([
    { value: { id: "1", text: 'a\tb\r\nc "d"' }, line: 2 },
    { value: { id: "2", text: "e" }, line: 4 },
  ]);
});

test("a quote that never closes is text, also in the last row and over 40 MB", async () => {
  expect((await read('id\ttext\n1\t"open\n2\tx\n3\t"end')).values).toEqual([
    { id: "1", text: '"open' },
    { id: "2", text: "x" },
    { id: "3", text: '"end' },
  ]);
  async function* long(): AsyncIterable<Uint8Array> {
    yield Buffer.from('id\ttext\n0\t"open\n');
    for (let megabytes = 0; megabytes < 40; megabytes++) yield Buffer.from("1\tsome text that goes on for long enough\n".repeat(25_000));
    await Promise.resolve();
  }
  const { values, problems } = await readEverything(tsv, streamSource("pipe", long()));
  expect(problems).toEqual([]);
  expect(values).toHaveLength(1_000_001);
  expect(values[0]).toEqual({ id: "0", text: '"open' });
});

test("what looks like a quoted cell of another table does not hide the end of the first line", async () => {
  expect((await read('x;"y\ttext\n1\t"a\rb"\n2\tc\n')).values).toEqual([
    { 'x;"y': "1", text: "a\rb" },
    { 'x;"y': "2", text: "c" },
  ]);
});

test("a row that does not fit is refused alone", async () => {
  const { values, problems } = await read("a\tb\n1\n2\t3\n");
  expect(problems).toEqual(["line 2 has 1 cell where 2 columns are named"]);
  expect(values).toEqual([{ a: "2", b: "3" }]);
});

test("one column is read, and a table without names", async () => {
  expect((await read("text\nhello\nwell, well\n")).values).toEqual([{ text: "hello" }, { text: "well, well" }]);
  expect((await read("1\tx\n", { headless: true })).values).toEqual([{ column_1: "1", column_2: "x" }]);
});

test("is written with quotes only where a reader without quoting would be lost too", async () => {
  const rows = [
    { id: 1, text: 'say "hi", then' },
    { id: 2, text: '"x' },
    { id: 3, text: "a\tb" },
    { id: 4, text: "" },
  ];
  expect((await collect(tsv.write(streamOf(rows), {}))).toString()).toBe('id\ttext\n1\tsay "hi", then\n2\t"""x"\n3\t"a\tb"\n4\t\n');
  expect((await collect(tsv.write(streamOf([{ text: "=1+1" }]), {}))).toString()).toBe("text\n'=1+1\n");
});

test("bytes of any kind, cut anywhere, give the same records and never a problem with quotes", async () => {
  await fc.assert(
    fc.asyncProperty(fc.stringMatching(/^([ab"\t\n\r]|"|\t|\n){0,40}$/), fc.integer({ min: 1, max: 5 }), async (text, chunkBytes) => {
      const whole = await read(text, { headless: true });
      expect((await readEverything(tsv, pipeSource(text, chunkBytes), { headless: true })).records).toEqual(whole.records);
      expect(whole.problems.filter((problem) => problem.includes("quote"))).toEqual([]);
    }),
    { numRuns: 3000 },
  );
});

import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { csv } from "./csv.ts";
import { streamSource } from "./source.ts";
import { bytesSource, collect, readEverything, streamOf } from "./test-sources.ts";

const read = (text: string | Uint8Array, options = {}) => readEverything(csv, bytesSource(text), options);

describe("reads", () => {
  test("rows by the names of the first, all values as text, with the line each begins in", async () => {
    const { records } = await read('\ufeffid,text\r\n007,"two\r\nlines"\r\n\r\n8,"a ""quote"""\r\n9,[1]');
    expect(records).toEqual([
      { value: { id: "007", text: "two\r\nlines" }, line: 2 },
      { value: { id: "8", text: 'a "quote"' }, line: 5 },
      { value: { id: "9", text: "[1]" }, line: 6 },
    ]);
  });

  test.each([
    [";", "semicolons"],
    ["\t", "tabs"],
    ["|", "bars"],
    [",", "commas"],
  ])("cells with %j between them, although others occur", async (delimiter, words) => {
    const rows = [
      ["a", "b"],
      ["1, 2; 3 | 4\t5", "x"],
      ["6", "y"],
    ];
    const text = rows.map((row) => row.map((cell) => `"${cell}"`).join(delimiter)).join("\n");
    const { values, notes } = await read(text);
    expect(values).toEqual([
      { a: "1, 2; 3 | 4\t5", b: "x" },
      { a: "6", b: "y" },
    ]);
    expect(notes).toContainEqual({ what: "layout", value: delimiter, message: `Read as cells with ${words} between them.` });
  });

  test("a lone CR inside a cell as a part of it", async () => {
    expect((await read("a,b\n1,x\ry\n2,z\n")).records).toEqual([
      { value: { a: "1", b: "x\ry" }, line: 2 },
      { value: { a: "2", b: "z" }, line: 3 },
    ]);
  });

  test("line ends that are lone CRs", async () => {
    expect((await read('a,b\r1,x\r2,"y\rz"\r3,w')).records.map((record) => record.line)).toEqual([2, 3, 5]);
  });

  test("a quote inside a cell as text", async () => {
    expect((await read('size,name\n12" ,5\'7"\n')).values).toEqual([{ size: '12" ', name: "5'7\"" }]);
  });

  test("one column, and an empty cell in quotes", async () => {
    expect((await read('text\nhello\n""\n\nworld, too\n')).problems).toEqual(["line 5 has 2 cells where 1 column are named"]);
    expect((await read('text\nhello\n""\n')).values).toEqual([{ text: "hello" }, { text: "" }]);
  });

  test("a table without names", async () => {
    expect((await read("1,x\n2,y\n", { headless: true })).values).toEqual([
      { column_1: "1", column_2: "x" },
      { column_1: "2", column_2: "y" },
    ]);
  });

  test("columns without a name of their own under one, and says so", async () => {
    const { values, notes } = await read("a,,a,a_2,a,__proto__\n1,2,3,4,5,6\n");
    expect(values.map((value) => JSON.stringify(value))).toEqual([
      '{"a":"1","column_2":"2","a_3":"3","a_2":"4","a_4":"5","__proto__":"6"}',
    ]);
    expect(notes.map((note) => note.message)).toContain("Columns without a name of their own are called column_2, a_3, a_4.");
  });

  test("nothing out of a header alone", async () => {
    expect((await read("a,b\n")).records).toEqual([]);
  });

  test("windows-1252 and UTF-16", async () => {
    expect((await read(Buffer.from("name,city\nJosé,Köln\n", "latin1"))).values).toEqual([{ name: "José", city: "Köln" }]);
    expect((await read(Buffer.from("\ufeffname;city\r\nJosé;Köln\r\n", "utf16le"))).values).toEqual([{ name: "José", city: "Köln" }]);
  });
});

describe("goes on after", () => {
  test("a row that does not fit the header", async () => {
    const { records } = await read("a,b\n1\n1,2,3\n1,2\n");
    expect(records).toEqual([
      { problem: "line 2 has 1 cell where 2 columns are named", line: 2, raw: "1" },
      { problem: "line 3 has 3 cells where 2 columns are named", line: 3, raw: "1,2,3" },
      { value: { a: "1", b: "2" }, line: 4 },
    ]);
  });

  test("text behind a closing quote", async () => {
    const { values, problems } = await read('a,b\n"x"y,2\n3,4\n');
    expect(problems).toEqual(["line 2 has text after a closing quote"]);
    expect(values).toEqual([{ a: "3", b: "4" }]);
  });

  test("a quote that never closes, when what follows looks like rows", async () => {
    const { values, problems } = await read('a,b\n1,"x\n2,y\n3,z\n4,w\n');
    expect(problems).toEqual(["line 2 opens a quote that does not close before the file ends: this line is left out"]);
    expect(values).toEqual([
      { a: "2", b: "y" },
      { a: "3", b: "z" },
      { a: "4", b: "w" },
    ]);
  });

  test("a quote that never closes within 16 MB", async () => {
    const rows = "2,yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\n".repeat(400_000);
    const { values, problems } = await readEverything(csv, bytesSource(`a,b\n1,"x\n${rows}`));
    expect(problems).toEqual(["line 2 opens a quote that does not close within 16 MB: this line is left out"]);
    expect(values).toHaveLength(400_000);
  });

  test("a row that is too long", async () => {
    const { records } = await readEverything(csv, bytesSource(`a,b\n1,2\n3,${"x".repeat(20 << 20)}\n5,6\n`));
    expect(records.map((record) => ("problem" in record ? record.problem : record.value))).toEqual([
      { a: "1", b: "2" },
      "line 3 is longer than 16 MB",
      { a: "5", b: "6" },
    ]);
    expect(records[2]).toMatchObject({ line: 4 });
  });
});

test("does not take the running text of a cell that was cut off for rows", async () => {
  const { values, problems } = await read('id,text\n1,fine\n2,"Dear all\nthis is, as you know, a letter\nwith lines\nand no end');
  expect(values).toEqual([{ id: "1", text: "fine" }]);
  expect(problems).toEqual(["line 3 opens a quote that does not close before the file ends: the rest of the file cannot be read"]);
});

test("a quote that never closes in 200 MB of text takes bounded memory", async () => {
  const before = process.memoryUsage().arrayBuffers;
  let peakBytes = 0;
  async function* endless(): AsyncIterable<Uint8Array> {
    const piece = Buffer.alloc(1 << 20, "some text without any quote\n");
    yield Buffer.from('a,b\n1,2\n3,"');
    for (let megabytes = 0; megabytes < 200; megabytes++) {
      await Promise.resolve();
      peakBytes = Math.max(peakBytes, process.memoryUsage().arrayBuffers - before);
      yield piece;
    }
  }
  const { values, problems } = await readEverything(csv, streamSource("pipe", endless()));
  expect(values).toEqual([{ a: "1", b: "2" }]);
  expect(problems).toEqual(["line 3 opens a quote that does not close within 16 MB: the rest of the file cannot be read"]);
  expect(peakBytes).toBeLessThan(250 * 1024 * 1024);
});

test("more than 10,000 columns are refused", async () => {
  const { values, problems } = await read(`${"a,".repeat(10_000)}b\n${"1,".repeat(10_000)}2\n`);
  expect({ values, problems }).toEqual({ values: [], problems: ["line 1 has 10001 columns, more than 10000 are not read"] });
});

describe("writes", () => {
  const write = async (rows: Parameters<typeof streamOf>[0], options = {}): Promise<string> =>
    (await collect(csv.write(streamOf(rows) as never, options))).toString();

  test("a header, quotes where they are needed, nested values as canonical JSON, nothing for null", async () => {
    const rows = [
      { id: 1, text: 'say "hi",\nthen', tags: ["b", "a"], more: { z: 1, a: null }, ok: true, none: null },
      { id: 2, text: "plain" },
    ];
    expect(await write(rows)).toBe(
      'id,text,tags,more,ok,none\n1,"say ""hi"",\nthen","[""b"",""a""]","{""a"":null,""z"":1}",true,\n2,plain,,,,\n',
    );
  });

  test("the columns it is given, in their order, also for no rows", async () => {
    expect(await write([{ a: 1, b: 2 }], { columns: ["b", "c"] })).toBe("b,c\n2,\n");
    expect(await write([], { columns: ["b", "c"] })).toBe("b,c\n");
  });

  test("no column that the header lacks: that is an error, never a silent loss", async () => {
    await expect(write([{ a: 1 }, { a: 1, b: 2 }])).rejects.toMatchObject({ code: "format/late-column", details: { row: 2, column: "b" } });
    await expect(write([5])).rejects.toMatchObject({ code: "input/invalid" });
  });

  test("an apostrophe before what a spreadsheet would run, but not before numbers", async () => {
    const rows = ["=1+1", "+49 30", "-x", "@sum", "\tx", "-5", "+3.5e-7", "a=b", "-"].map((text) => ({ text }));
    expect(await write(rows)).toBe("text\n'=1+1\n'+49 30\n'-x\n'@sum\n'\tx\n-5\n+3.5e-7\na=b\n'-\n");
    expect(await write([{ text: "=1+1" }], { escapeFormulas: false })).toBe("text\n=1+1\n");
  });
});

test("reads what another reader reads", async () => {
  const cell = fc.oneof(fc.string({ maxLength: 6 }), fc.stringMatching(/^[ab",;\n\r ü]{0,6}$/));
  const table = fc
    .integer({ min: 1, max: 4 })
    .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 6 }));
  await fc.assert(
    fc.asyncProperty(table, fc.constantFrom("\n", "\r\n"), fc.integer({ min: 1, max: 7 }), async (rows, lineEnd, chunkBytes) => {
      const header = (rows[0] ?? []).map((_, index) => `h${index}`);
      const text = [header, ...rows].map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join(",")).join(lineEnd);
      const expected = parse(text, { columns: true, record_delimiter: lineEnd });
      const { values, problems } = await readEverything(csv, bytesSource(text, chunkBytes));
      expect({ values, problems }).toEqual({ values: expected, problems: [] });
    }),
    { numRuns: 500 },
  );
});

test("bytes of any kind, cut anywhere, give the same records", async () => {
  await fc.assert(
    fc.asyncProperty(fc.stringMatching(/^([abü",\n\r]|"|,|\n){0,40}$/), fc.integer({ min: 1, max: 5 }), async (text, chunkBytes) => {
      const whole = await read(text);
      expect((await readEverything(csv, bytesSource(text, chunkBytes))).records).toEqual(whole.records);
    }),
    { numRuns: 2000 },
  );
});

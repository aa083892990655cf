import { expect, test } from "vitest";
import { detectFileKind } from "./detect.ts";
import { fileKinds } from "./list.ts";
import { bytesSource, pipeSource, readEverything } from "./test-sources.ts";

test.each([
  ["lines of JSON", "x", '{"a":1}\n{"a":2}\n', "jsonl"],
  ["lines of JSON under another name", "x.csv", '{"a":1}\n{"a":2}\n', "jsonl"],
  ["lines of JSON, most of them sound", "x", '{"a":1}\nbroken\n{"a":2}\n', "jsonl"],
  ["lines of JSON, the second cut off", "x", `{"a":1}\n{"a":"${"x".repeat(70_000)}"}\n`, "jsonl"],
  ["lines of JSON, the first longer than what is looked at", "x.jsonl", `{"a":"${"x".repeat(70_000)}"}\n{"a":1}\n`, "jsonl"],
  ["an array on one line, longer than what is looked at", "x.jsonl", `[{"a":"${"x".repeat(70_000)}"},{"a":1}]`, "json"],
  ["an array", "x.jsonl", '[\n{"a":1},\n{"a":2}\n]', "json"],
  ["an array on one line", "x", '[{"a":1},{"a":2}]', "json"],
  ["a pretty object", "x.txt", '{\n  "data": [\n    {}\n  ]\n}', "json"],
  ["one object on one line", "x.json", '{"data":[1]}', "json"],
  ["one object on one line, named JSON Lines", "x.jsonl", '{"data":[1]}', "jsonl"],
  ["one object on one line, without a name", "standard input", '{"data":[1]}', "json"],
  ["a table", "x", "id,text\n1,a\n2,b\n", "csv"],
  ["a table under another name", "x.json", "id,text\n1,a\n2,b\n", "csv"],
  ["a table with tabs", "x", "id\ttext\n1\ta\n2\tb\n", "tsv"],
  ["a table with tabs and, by chance, commas", "x.tsv", "Doe, Jane\t1\nRoe, Jane\t2\n", "tsv"],
  ["a table with tabs, named after commas", "x.csv", "id\ttext\n1\ta\n2\tb\n", "csv"],
  ["one column named after tabs", "x.tsv", "text\nhello\nwell, well\n", "tsv"],
  ["one column", "x.csv", "text\nhello\nwell, well\n", "csv"],
  ["a broken line under the name of JSON Lines", "x.jsonl", "{broken\n{again\n", "jsonl"],
])("%s is recognised by its content", async (_, name, text, expected) => {
  const { kind, reason } = await detectFileKind(bytesSource(text, 1 << 20, name));
  expect(kind.name).toBe(expected);
  expect(reason).not.toBe("");
  expect((await detectFileKind(bytesSource(Buffer.from(`\ufeff${text}`, "utf16le"), 1 << 20, name))).kind.name).toBe(expected);
});

test("a pipe is read from its start after it was recognised", async () => {
  const source = pipeSource('{"a":1}\n{"a":2}\n', 3);
  const { kind } = await detectFileKind(source);
  expect((await readEverything(kind, source)).values).toEqual([{ a: 1 }, { a: 2 }]);
});

test.each([[""], [" \r\n\t"], ["\ufeff"]])("a file of nothing (%j) is an error that says so", async (text) => {
  await expect(detectFileKind(bytesSource(text, 10, "empty.csv"))).rejects.toMatchObject({ code: "input/empty", kind: "data" });
});

test.each([
  ["prose", Buffer.from("A title\n\nSome words, and more.\n"), "neither JSON nor a table"],
  ["a PDF document", Buffer.from("%PDF-1.7\n"), "a PDF document"],
  ["bytes", Buffer.from([0x80, 4, 0x95, 1, 2, 3, 0, 0]), "not text"],
])("%s is refused with the reason and the layouts there are", async (_, bytes, reason) => {
  const failure = detectFileKind(bytesSource(bytes, 10, "x.bin"));
  await expect(failure).rejects.toMatchObject({ code: "input/unknown-layout" });
  await expect(failure).rejects.toThrow(reason);
  await expect(failure).rejects.toThrow("jsonl, json, csv, tsv");
});

test("every kind has a name and an extension of its own", () => {
  expect(new Set(fileKinds.map((kind) => kind.name)).size).toBe(fileKinds.length);
  expect(new Set(fileKinds.map((kind) => kind.extension)).size).toBe(fileKinds.length);
});

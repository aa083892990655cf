import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fileKinds } from "../../packages/core/src/files/list.ts";
import type { Format } from "../../packages/core/src/formats/format.ts";
import { formats } from "../../packages/core/src/formats/list.ts";
import { root } from "../house.ts";
import type { Journey } from "../journeys/tilth.ts";
import type { Table } from "./columns.ts";
import { tableOf } from "./columns.ts";
import { preparePython, readerPackages } from "./python.ts";
import type { Answer, Exception, Reader, Task } from "./readers.ts";
import { because, differences, exceptionOf, exceptions, missing, openAll, readersOf } from "./readers.ts";
import { mark, openWorkspace, version } from "./workspace.ts";

/** The rows a trainer expects, for those formats whose columns are a promise to somebody; others are compared with what was written. */
const promised: Readonly<Record<string, readonly string[]>> = {
  "openai-chat": ["messages", "tools"],
  "trl-messages": ["messages", "tools"],
  "trl-prompt-completion": ["prompt", "completion", "tools"],
  "trl-unpaired": ["prompt", "completion", "label"],
  "trl-text": ["text"],
  "trl-preference": ["prompt", "chosen", "rejected", "margin"],
  alpaca: ["instruction", "input", "output"],
  "prompt-response": ["prompt", "response"],
};

const written = formats.filter((format) => format.write !== undefined);
const python = await preparePython(readerPackages);

const absent = python.packages ? undefined : python.reason;
// Where everything is checked nothing may be left out in silence.
test.skipIf(absent !== undefined && process.env["CI"] !== "true")(`a Python with the pinned readers is there${because(absent)}`, () => {
  expect(absent).toBeUndefined();
});

test("docs/formats.md names every exception and the versions that are tested", async () => {
  const page = await readFile(join(root, "docs/formats.md"), "utf8");
  const rows = page.split("\n").filter((line) => line.startsWith("|"));
  const named = (reader: string, what: string): boolean => rows.some((row) => row.includes(reader) && row.includes(what));
  const versions = readerPackages.slice(0, 4).map((pinned) => pinned.split("==") as [string, string]); // pyyaml opens nothing here
  const told = exceptions.filter(({ of }) => !("kind" in of && of.kind === "tsv"));
  const wanted = [
    ...versions,
    ...told.map(({ reader, of }) => [reader === "python" ? "CPython" : reader, `\`${"kind" in of ? of.kind : of.format}\``] as const),
  ];
  expect(wanted.filter(([reader, what]) => !named(reader, what))).toEqual([]);
});

let journey: Journey | undefined;
const exported = new Map<string, Exported>();
let answers: ReadonlyMap<Task, Answer> = new Map();

beforeAll(async () => {
  journey = await openWorkspace();
  for (const format of written) exported.set(format.name, await exportAs(journey, format));
  answers = await openAll(
    python,
    [...exported.values()].flatMap(({ tasks }) => tasks),
  );
}, 600_000);
afterAll(() => journey?.end());

describe.each(written.map((format) => [format.name, format] as const))("%s", (name, format) => {
  test("is written with rows in it, and somebody opens such files", () => {
    const { problem, files } = here(name);
    expect(problem).toBe("");
    expect(files.map(({ table }) => table.rows)).toEqual(files.map(({ rows }) => rows));
    expect(files.length).toBeGreaterThan(0);
    const columns = files.flatMap(({ table }) => Object.keys(table.columns));
    if (name in promised) expect([...new Set(columns)]).toEqual(promised[name]);
    const texts = files.flatMap(({ table }) => Object.values(table.texts).flat());
    expect(texts.some((text) => text.includes(mark))).toBe(true);
    expect(texts.filter((text) => text.includes("\0"))).toEqual([]);
    expect(readersOf[format.file], `nobody is known to open ${format.file}: add its readers to readers.ts`).toBeDefined();
  });

  for (const reader of readersOf[format.file] ?? []) {
    const reason = missing(python, reader);
    const exception = exceptionOf(reader, name, format.file);
    const fails = exception !== undefined && "fails" in exception.what;
    const but = exception === undefined ? "" : `, but ${exception.reason}`;
    test.skipIf(reason !== undefined)(`${reader} ${fails ? "is asked to open" : "opens"} it${but}${because(reason)}`, () => {
      const answer = answerOf(name, reader);
      if (fails) expect(answer, "the exception has gone, strike it out").toHaveProperty("error");
      else expect(wrongIn(format, answer, exception)).toEqual([]);
    });
  }

  // Rows in an envelope are found by those only who know its key.
  for (const reader of format.envelope === undefined ? (["datasets"] as const) : []) {
    const reason = missing(python, reader);
    test.skipIf(reason !== undefined)(`${reader} finds its splits in the folder${because(reason)}`, () => {
      const answer = answerOf(name, reader, "folder");
      const splits = "files" in answer ? Object.fromEntries(answer.files.map(({ split, rows }) => [split, rows])) : answer.error;
      expect(splits).toEqual(Object.fromEntries(here(name).files.map(({ split, rows }) => [split, rows])));
    });
  }
});

/** In which ways a reader found something else than what was written, the first twenty: rows, columns with their types, every text. */
function wrongIn(format: Format, answer: Answer, exception: Exception | undefined): readonly string[] {
  if ("error" in answer) return [answer.error];
  const { files } = here(format.name);
  const known = files.flatMap(({ table }) => Object.keys(table.columns));
  const different = files.flatMap(({ name, rows, table }, index) => {
    const read = answer.files[index];
    if (read === undefined) return [`${name} was not opened`];
    return differences({ ...table, rows }, read, known, exception?.what).map((difference) => `${name}: ${difference}`);
  });
  const texts = answer.files.flatMap((file) => Object.values(file.texts).flat());
  // The one format that holds everything leaves absent members out; trainers want the same keys on every line.
  const notes = answer.files.flatMap((file) => file.notes).filter((note) => !(format.lossless && note.startsWith("not the same keys")));
  return [...(texts.some((text) => text.includes(mark)) ? [] : ["the marked texts are missing"]), ...notes, ...different].slice(0, 20);
}

/** What became of exporting one format. */
interface Exported {
  /** Empty when all went well. */
  readonly problem: string;
  /** In the order of the report: training files first. */
  readonly files: readonly { readonly name: string; readonly split: string; readonly rows: number; readonly table: Table }[];
  readonly tasks: readonly Task[];
}

/** Never fails: a format that cannot be exported fails its own tests only. */
async function exportAs(workspace: Journey, format: Format): Promise<Exported> {
  const out = join(workspace.folder, "exported", format.name);
  const ended = await workspace.tilth("export", version, "--format", format.name, "--out", out, "--json");
  if (ended.code !== 0) return { problem: `tilth export ended with ${ended.code}: ${ended.out}${ended.err}`, files: [], tasks: [] };
  const fileKind = fileKinds.find(({ name }) => name === format.file);
  if (fileKind === undefined) return { problem: `there is no file kind ${format.file}`, files: [], tasks: [] };
  const report: { readonly files: readonly { readonly name: string; readonly split: string; readonly rows: number }[] } = JSON.parse(
    ended.out,
  );
  // Beside its rows a format may write what describes them.
  const rowFiles = report.files.filter(({ name }) => name.endsWith(`.${fileKind.extension}`));
  const rowsKey = format.envelope?.({ dataset: "every-kind", version: "1.0" }).rowsKey;
  try {
    const table = (name: string): Promise<Table> => tableOf(join(out, name), fileKind, rowsKey, format.columnTypes?.({}));
    const files = await Promise.all(rowFiles.map(async (file) => ({ ...file, table: await table(file.name) })));
    const task = { kind: format.file, files: files.map(({ name }) => join(out, name)), ...(rowsKey === undefined ? {} : { rowsKey }) };
    const folder: Task = { reader: "datasets", kind: "folder", files: [out] };
    return { problem: "", files, tasks: [...(readersOf[format.file] ?? []).map((reader) => ({ reader, ...task })), folder] };
  } catch (error) {
    return { problem: `Node cannot read what was written: ${String(error)}`, files: [], tasks: [] };
  }
}

function here(name: string): Exported {
  return exported.get(name) ?? { problem: "it was not exported", files: [], tasks: [] };
}

function answerOf(name: string, reader: Reader, kind?: "folder"): Answer {
  const task = here(name).tasks.find((candidate) => candidate.reader === reader && (candidate.kind === "folder") === (kind === "folder"));
  return (task && answers.get(task)) ?? { error: here(name).problem || "the reader did not answer" };
}

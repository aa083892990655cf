import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fileKinds } from "../../packages/core/src/files/list.ts";
import type { Format } from "../../packages/core/src/formats/format.ts";
import { formats } from "../../packages/core/src/formats/list.ts";
import type { Journey } from "../journeys/tilth.ts";
import type { Table } from "./columns.ts";
import { tableOf } from "./columns.ts";
import { preparePython, readerPackages } from "./python.ts";
import type { Answer, Reader, Task } from "./readers.ts";
import { differences, exceptionOf, missing, openAll, readersOf, titleOf } from "./readers.ts";
import { mark, openWorkspace, version } from "./workspace.ts";

/** The rows a trainer expects, for those formats whose columns are a promise to somebody; others are compared with what was written. */
const promised: Readonly<Record<string, readonly string[]>> = {
  "openai-chat": ["messages", "tools"],
  "trl-preference": ["prompt", "chosen", "rejected", "margin"],
  alpaca: ["instruction", "input", "output"],
  "prompt-response": ["prompt", "response"],
};

const written = formats.filter((format) => format.write !== undefined);
const python = await preparePython(readerPackages);
const isCi = process.env["CI"] === "true";

test.skipIf(!python.packages && !isCi)(titleOf("a Python with the pinned readers is there", python.packages ? undefined : python.reason), () => {
  expect(python.packages ? "" : python.reason).toBe("");
});

let journey: Journey | undefined;
const exported = new Map<string, Exported>();
let answers: ReadonlyMap<Task, Answer> = new Map();

beforeAll(async () => {
  journey = await openWorkspace();
  for (const format of written) exported.set(format.name, await exportAs(journey, format));
  answers = await openAll(python, [...exported.values()].flatMap(({ tasks }) => tasks));
}, 600_000);
afterAll(() => journey?.end());

describe.each(written.map((format) => [format.name, format] as const))("%s", (name, format) => {
  test("is written with rows in it, and somebody opens such files", async () => {
    const { problem, files } = here(name);
    expect(problem).toBe("");
    expect(files.length).toBeGreaterThan(0);
    expect(readersOf[format.file], `nobody is known to open ${format.file}: add its readers to readers.ts`).toBeDefined();
    for (const { rows, table } of files) if (table !== undefined) expect(table.rows).toBe(rows);
    const texts = files.flatMap(({ table }) => Object.values(table?.texts ?? {}).flat());
    if (files.some(({ table }) => table !== undefined)) expect(texts.some((text) => text.includes(mark))).toBe(true);
    expect(texts.filter((text) => text.includes("\0"))).toEqual([]);
  });

  test.runIf(name in promised)("has the columns that are promised", () => {
    expect(Object.keys(here(name).files[0]?.table?.columns ?? {})).toEqual(promised[name]);
  });

  for (const reader of readersOf[format.file] ?? []) {
    const reason = missing(python, reader);
    const exception = exceptionOf(reader, name, format.file);
    if (exception !== undefined && "fails" in exception.what) {
      test.skipIf(reason !== undefined)(titleOf(`${reader} does not open it: ${exception.reason}`, reason), () => {
        expect(answerOf(name, reader), "the exception has gone, strike it out").toHaveProperty("error");
      });
      continue;
    }
    const lost = exception !== undefined && "loses" in exception.what ? exception.what.loses : [];
    const what = `${reader} opens it${lost.length > 0 ? `, but loses ${lost.join(" and ")}` : ""}`;
    test.skipIf(reason !== undefined)(titleOf(what, reason), () => {
      const answer = answerOf(name, reader);
      if ("error" in answer) throw new Error(answer.error);
      const { files } = here(name);
      expect(answer.files.map(({ rows }) => rows)).toEqual(files.map(({ rows }) => rows));
      const found = answer.files.flatMap((table, index) => {
        const against = files[index]?.table ?? tableBy(name, "pyarrow", index);
        return differences(against, table, lost).map((difference) => `${files[index]?.name}: ${difference}`);
      });
      expect(found).toEqual([]);
      expect(answer.files.some(({ texts }) => Object.values(texts).flat().some((text) => text.includes(mark)))).toBe(true);
      // Absent members are left out by the one format that holds everything; trainers want the same keys on every line.
      const notes = answer.files.flatMap((file) => file.notes).filter((note) => !format.lossless || !note.startsWith("not the same keys"));
      expect(notes).toEqual([]);
    });
  }
});

/** What became of exporting one format. */
interface Exported {
  /** Empty when all went well. */
  readonly problem: string;
  /** In the order of the report: training files first. */
  readonly files: readonly { readonly name: string; readonly rows: number; readonly table: Table | undefined }[];
  readonly tasks: readonly Task[];
}

/** Never fails: a format that cannot be exported fails its own tests only. */
async function exportAs({ tilth, folder }: Journey, format: Format): Promise<Exported> {
  const out = join(folder, "exported", format.name);
  const ended = await tilth("export", version, "--format", format.name, "--out", out, "--json");
  if (ended.code !== 0) return { problem: `tilth export ended with ${ended.code}: ${ended.out}${ended.err}`, files: [], tasks: [] };
  const report: { readonly files: readonly { readonly name: string; readonly rows: number }[] } = JSON.parse(ended.out);
  const extension = fileKinds.find(({ name }) => name === format.file)?.extension ?? format.file;
  const rowFiles = report.files.filter(({ name }) => name.endsWith(`.${extension}`));
  const rowsKey = format.envelope?.({ dataset: "every-kind", version: "1.0" }).rowsKey;
  const files = await Promise.all(
    rowFiles.map(async ({ name, rows }) => ({ name, rows, table: tableOf(await readFile(join(out, name), "utf8"), format.file, rowsKey) })),
  );
  const task = { kind: format.file, files: files.map(({ name }) => join(out, name)), ...(rowsKey === undefined ? {} : { rowsKey }) };
  return { problem: "", files, tasks: (readersOf[format.file] ?? []).map((reader) => ({ reader, ...task })) };
}

function here(name: string): Exported {
  return exported.get(name) ?? { problem: "it was not exported", files: [], tasks: [] };
}

function answerOf(name: string, reader: Reader): Answer {
  const task = here(name).tasks.find((candidate) => candidate.reader === reader);
  return (task && answers.get(task)) ?? { error: here(name).problem || "the reader did not answer" };
}

/** Of layouts that are no text, one reader is compared with another. */
function tableBy(name: string, reader: Reader, index: number): Table {
  const answer = answerOf(name, reader);
  const table = "files" in answer ? answer.files[index] : undefined;
  if (table === undefined) throw new Error(`${reader} did not open file ${index} of ${name}, so there is nothing to compare with`);
  return table;
}

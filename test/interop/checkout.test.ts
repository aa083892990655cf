import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ColumnType } from "../../packages/core/src/schema/column.ts";
import { versionColumns } from "../../packages/core/src/schema/column.ts";
import { kinds } from "../../packages/core/src/schema/content.ts";
import type { Journey } from "../journeys/tilth.ts";
import type { Type } from "./columns.ts";
import { preparePython, readerPackages } from "./python.ts";
import type { Answer, Task } from "./readers.ts";
import { because, missing, openAll, readersOf } from "./readers.ts";
import { mark, openWorkspace, version } from "./workspace.ts";

const types: { readonly [T in ColumnType]: Type } = {
  string: { is: "text" },
  json: { is: "text" },
  "string[]": { is: "list", of: { is: "text" } },
  bool: { is: "boolean" },
  i32: { is: "integer" },
  i64: { is: "integer" },
  f64: { is: "number" },
  time: { is: "time" },
};

const python = await preparePython(readerPackages);
const readers = readersOf["parquet"] ?? [];

let journey: Journey | undefined;
let rows: unknown;
let tasks: readonly Task[] = [];
let answers: ReadonlyMap<Task, Answer> = new Map();

beforeAll(async () => {
  journey = await openWorkspace();
  const folder = join(journey.folder, "checked-out");
  const made = await journey.json(0, "checkout", version, "--out", folder);
  rows = made["rows"];
  const files = (made["files"] as readonly string[]).map((name) => join(folder, name)); // the operation's own schema says so
  tasks = readers.map((reader) => ({ reader, kind: "parquet", files }));
  answers = await openAll(python, tasks);
}, 600_000);
afterAll(() => journey?.end());

for (const reader of readers) {
  const reason = missing(python, reader);
  test.skipIf(reason !== undefined)(`the Parquet of a checkout is opened by ${reader}${because(reason)}`, () => {
    const task = tasks.find((candidate) => candidate.reader === reader);
    const answer = task && answers.get(task);
    if (answer === undefined || "error" in answer) throw new Error(answer?.error ?? "the reader did not answer");
    expect(answer.files.reduce((sum, file) => sum + file.rows, 0)).toBe(rows);
    for (const { columns, texts } of answer.files) {
      expect(Object.entries(columns)).toEqual(versionColumns.map(({ name, type }) => [name, types[type]]));
      expect(texts["kind"]).toEqual(kinds.toSorted());
      expect(texts["input_text"]?.some((text) => text.includes(mark))).toBe(true);
      expect(texts["output_text"]?.some((text) => text.includes(mark))).toBe(true);
    }
  });
}

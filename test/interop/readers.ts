import type { Table } from "./columns.ts";
import { misfit } from "./columns.ts";
import type { Python } from "./python.ts";
import { askPython } from "./python.ts";

/** Names that `readers.py` knows. `python` is CPython's own `json` and `csv`: it needs no package. */
export type Reader = "datasets" | "pyarrow" | "polars" | "duckdb" | "python";

const everyone: readonly Reader[] = ["datasets", "pyarrow", "polars", "duckdb", "python"];

/** Who opens a file kind. A kind that is missing here fails the suite: what nobody opens is not proven. */
export const readersOf: Readonly<Record<string, readonly Reader[]>> = {
  jsonl: everyone,
  json: everyone,
  csv: everyone,
  tsv: everyone,
  parquet: ["datasets", "pyarrow", "polars", "duckdb"],
};

/** Where a reader cannot or does not do what all others do. Each is proven still to be so, and stands in docs/formats.md. */
export interface Exception {
  readonly reader: Reader;
  /** A file kind or a format. */
  readonly of: { readonly kind: string } | { readonly format: string };
  /** The reader fails; or it takes these texts for absent. */
  readonly what: { readonly fails: true } | { readonly loses: readonly string[] };
  readonly reason: string;
}

export const exceptions: readonly Exception[] = [
  {
    reader: "pyarrow",
    of: { kind: "json" },
    what: { fails: true },
    reason: "pyarrow reads JSON Lines only, no whole JSON documents",
  },
  {
    reader: "pyarrow",
    of: { format: "tilth" },
    what: { fails: true },
    reason: "`prompt` is a text in steps and a list of messages in preferences: pyarrow wants one type a column",
  },
  {
    reader: "datasets",
    of: { kind: "csv" },
    what: { loses: ["NA", "null"] },
    reason: "pandas, with which datasets reads tables, takes NA and null for absent; `keep_default_na=False` keeps them",
  },
];

/** The exception that concerns a reader of a format, if there is one. */
export function exceptionOf(reader: Reader, format: string, kind: string): Exception | undefined {
  return exceptions.find(
    (exception) => exception.reader === reader && ("kind" in exception.of ? exception.of.kind === kind : exception.of.format === format),
  );
}

/** Files of one kind to be opened by one reader. */
export interface Task {
  readonly reader: Reader;
  readonly kind: string;
  /** Training files first: `datasets` takes the types of all splits from the first. */
  readonly files: readonly string[];
  /** The member that holds the rows, where the kind is `json` and the rows do not stand alone. */
  readonly rowsKey?: string;
}

/** What a reader said to a task: what it found in each file, or why it could not. */
export type Answer =
  | { readonly files: readonly (Table & { /** What stricter readers would stumble over. */ readonly notes: readonly string[] })[] }
  | { readonly error: string };

/** Opens everything in one process of Python; tasks that this Python cannot do are left out. */
export async function openAll(python: Python, tasks: readonly Task[]): Promise<ReadonlyMap<Task, Answer>> {
  const able = tasks.filter(({ reader }) => missing(python, reader) === undefined);
  if (python.path === undefined || able.length === 0) return new Map();
  const answers = await askPython(python.path, "readers.py", able) as readonly Answer[]; // what readers.py promises in its first lines
  return new Map(able.flatMap((task, index) => (answers[index] === undefined ? [] : [[task, answers[index]] as const])));
}

/** Why a reader cannot run here; nothing when it can. */
export function missing(python: Python, reader: Reader): string | undefined {
  if (python.packages || (python.path !== undefined && reader === "python")) return undefined;
  return python.reason;
}

/** What a test is called: one that cannot run says why. */
export function titleOf(name: string, reason: string | undefined): string {
  return reason === undefined ? name : `${name} (skipped: ${reason.replaceAll(/\s+/g, " ")})`;
}

/** Says in which ways a reader's table differs from what was written; `lost` are texts that the reader is known to lose. */
export function differences(written: Table, read: Table, lost: readonly string[] = []): readonly string[] {
  const [names, found] = [Object.keys(written.columns), Object.keys(read.columns)];
  return [
    ...(written.rows === read.rows ? [] : [`${written.rows} rows were written, ${read.rows} read`]),
    ...names.filter((name) => !found.includes(name)).map((name) => `column ${name} is missing`),
    ...found.filter((name) => !names.includes(name) && read.columns[name]?.is !== "null").map((name) => `column ${name} was not written`),
    ...names.flatMap((name) => {
      const [type, readType] = [written.columns[name], read.columns[name]];
      if (type === undefined || readType === undefined) return [];
      return [...misfit(type, readType, name), ...textDifferences(name, written, read, lost)];
    }),
  ];
}

function textDifferences(name: string, written: Table, read: Table, lost: readonly string[]): readonly string[] {
  // Of a table's cells, numbers are texts only to those who look no further.
  if (["integer", "number", "boolean"].includes(read.columns[name]?.is ?? "")) return [];
  const [before, after] = [written.texts[name] ?? [], (read.texts[name] ?? []).filter((text) => text !== "" || written.texts[name]?.includes(""))];
  return [
    ...before.filter((text) => !after.includes(text) && !lost.includes(text)).map((text) => `${name} lacks ${JSON.stringify(text)}`),
    ...after.filter((text) => !before.includes(text)).map((text) => `${name} has ${JSON.stringify(text)}, which was not written`),
    ...after.filter((text) => lost.includes(text)).map((text) => `${name} keeps ${JSON.stringify(text)}: the exception has gone, strike it out`),
  ];
}

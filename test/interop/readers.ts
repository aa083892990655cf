import type { Table, Type } from "./columns.ts";
import { misfit, textsOf } from "./columns.ts";
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
  readonly what: Difference;
  readonly reason: string;
}

export type Difference =
  | { readonly fails: true }
  /** These texts are taken for absent. */
  | { readonly loses: readonly string[] }
  /** The values of these columns, or of all, come as text. */
  | { readonly asText: readonly string[] | "all" }
  /** JSON comes as the bytes of its text. */
  | { readonly asBytes: true };

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
  { reader: "python", of: { kind: "csv" }, what: { asText: "all" }, reason: "CPython's csv gives every cell as text" },
  { reader: "python", of: { kind: "tsv" }, what: { asText: "all" }, reason: "CPython's csv gives every cell as text" },
  {
    reader: "polars",
    of: { format: "tilth" },
    what: { asText: ["prompt"] },
    reason: "`prompt` is a text in steps and a list of messages in preferences: polars gives the lists as JSON text",
  },
  { reader: "polars", of: { kind: "parquet" }, what: { asBytes: true }, reason: "polars has no type for JSON: such columns come as bytes" },
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
  /** A file kind; `folder` = the one path is a folder, and the reader finds by itself what lies in it. */
  readonly kind: string;
  /** Training files first: `datasets` takes the types of all splits from the first. */
  readonly files: readonly string[];
  /** The member that holds the rows, where the kind is `json` and the rows do not stand alone. */
  readonly rowsKey?: string;
}

/** A table as a reader sees it. */
export interface ReadTable extends Table {
  /** The name a reader gave it that found it by itself. */
  readonly split?: string;
  /** What stricter readers would stumble over. */
  readonly notes: readonly string[];
}

/** What a reader said to a task: what it found in each file, or why it could not. */
export type Answer = { readonly files: readonly ReadTable[] } | { readonly error: string };

/** Opens everything in one process of Python; tasks that this Python cannot do are left out. */
export async function openAll(python: Python, tasks: readonly Task[]): Promise<ReadonlyMap<Task, Answer>> {
  const able = tasks.filter(({ reader }) => missing(python, reader) === undefined);
  if (python.path === undefined || able.length === 0) return new Map();
  const answers = (await askPython(python.path, "readers.py", able)) as readonly Answer[]; // what readers.py promises in its first lines
  return new Map(able.flatMap((task, index) => (answers[index] === undefined ? [] : [[task, answers[index]] as const])));
}

/** Why a reader cannot run here; nothing when it can. */
export function missing(python: Python, reader: Reader): string | undefined {
  if (python.packages || (python.path !== undefined && reader === "python")) return undefined;
  return python.reason;
}

/** What the title of a test ends with, so that one that cannot run says why. */
export function because(reason: string | undefined): string {
  return reason === undefined ? "" : ` (not run: ${reason.replaceAll(/\s+/g, " ").slice(0, 120)})`;
}

/**
 * Says in which ways a reader's table differs from what was written, beside what the exception allows.
 *
 * @param known - Columns of the other files: readers that open all at once give each file the columns of all.
 */
export function differences(written: Table, read: Table, known: readonly string[], exception?: Difference): readonly string[] {
  const names = Object.keys(written.columns);
  return [
    ...(written.rows === read.rows ? [] : [`${written.rows} rows were written, ${read.rows} read`]),
    ...Object.keys(read.columns)
      .filter((name) => !known.includes(name))
      .map((name) => `column ${name} was not written`),
    ...names.flatMap((name) => columnDifferences(name, written, read, exception)),
  ];
}

function columnDifferences(name: string, written: Table, read: Table, exception?: Difference): readonly string[] {
  const [type, readType] = [written.columns[name], read.columns[name]];
  if (type === undefined || readType === undefined) return [`column ${name} is missing`];
  const [before = [], after = []] = [written.texts[name], read.texts[name]];
  const allowed = comesAs(name, type, exception);
  if (allowed !== undefined && readType.is !== allowed)
    return [`${name} was read as ${readType.is}: the exception has gone, strike it out`];
  if (allowed === "text") {
    const told = after.flatMap((text) => (before.includes(text) ? [text] : textsInText(text)));
    return textDifferences(name, before, told);
  }
  const wrong = misfit(type, readType, name, exception !== undefined && "asBytes" in exception ? "bytes" : "json");
  // Of a table's cells, numbers are texts only to those who look no further.
  if (["integer", "number", "boolean"].includes(readType.is)) return wrong;
  return [...wrong, ...textDifferences(name, before, after, exception !== undefined && "loses" in exception ? exception.loses : [])];
}

/** What a column must come as for the exception to be needed. */
function comesAs(name: string, type: Type, exception?: Difference): "text" | "bytes" | undefined {
  if (exception === undefined) return undefined;
  if ("asText" in exception) {
    return exception.asText === "all" || (type.is === "mixed" && exception.asText.includes(name)) ? "text" : undefined;
  }
  return "asBytes" in exception && type.is === "json" ? "bytes" : undefined;
}

/** Lists and objects that became JSON text are looked into. */
function textsInText(text: string): readonly string[] {
  return /^[[{]/.test(text) ? textsOf(JSON.parse(text)) : [text];
}

function textDifferences(
  name: string,
  before: readonly string[],
  after: readonly string[],
  lost: readonly string[] = [],
): readonly string[] {
  return [
    ...before.filter((text) => !after.includes(text) && !lost.includes(text)).map((text) => `${name} lacks ${JSON.stringify(text)}`),
    // An absent cell of a table may come back as an empty text.
    ...after
      .filter((text) => text !== "" && !before.includes(text))
      .map((text) => `${name} has ${JSON.stringify(text)}, which was not written`),
    ...after
      .filter((text) => lost.includes(text))
      .map((text) => `${name} keeps ${JSON.stringify(text)}: the exception has gone, strike it out`),
  ];
}

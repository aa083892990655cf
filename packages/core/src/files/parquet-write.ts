import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { TilthError } from "../errors.ts";
import type { CellType, FileWriteOptions } from "../schema/file-kind.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import { compressors } from "./parquet-codecs.ts";
import { cellOf, inferredType, schemaOf } from "./parquet-schema.ts";

/**
 * Writes rows as Parquet, packed with zstd, in row groups of up to 20,000 rows or 16 million characters; no more than one is held.
 *
 * Columns are those of the options, else the members of the first group's rows; types are told by the options, else by the values of the
 * first group. The same rows give the same bytes.
 *
 * @throws {@link TilthError} `format/late-column` for a member no column was made for, `format/unfit-cell` for a value its column cannot hold.
 */
export async function* writeParquet(rows: AsyncIterable<Json>, options: FileWriteOptions): AsyncIterable<Uint8Array> {
  const sink = new ByteWriter();
  let file: OpenFile | undefined;
  let written = 0;
  for await (const group of groupsOf(rows)) {
    file ??= openFile(sink, group, options);
    checkMembers(group, file.columns, written);
    writeGroup(file, group, written);
    written += group.length;
    yield* taken(sink);
  }
  file ??= openFile(sink, [], options);
  await file.writer.finish();
  yield* taken(sink);
}

const groupRows = 20_000;
const groupUnits = 16_000_000;

async function* groupsOf(rows: AsyncIterable<Json>): AsyncIterable<readonly JsonObject[]> {
  let group: JsonObject[] = [];
  let units = 0;
  for await (const row of rows) {
    if (!isJsonObject(row)) throw new TilthError("input/invalid", { where: "rows", problem: "Parquet holds objects only" });
    group.push(row);
    units += unitsOf(row);
    if (group.length < groupRows && units < groupUnits) continue;
    yield group;
    group = [];
    units = 0;
  }
  if (group.length > 0) yield group;
}

/** Characters of all texts in a value. */
function unitsOf(value: Json): number {
  if (typeof value === "string") return value.length;
  if (value === null || typeof value !== "object") return 1;
  let units = 1;
  for (const member of Object.values(value)) units += unitsOf(member);
  return units;
}

interface OpenFile {
  readonly writer: ParquetWriter;
  readonly columns: ReadonlyMap<string, CellType>;
}

function openFile(sink: ByteWriter, first: readonly JsonObject[], { columns, columnTypes }: FileWriteOptions): OpenFile {
  const names = columns ?? [...new Set(first.flatMap((row) => Object.keys(row)))];
  const types = new Map(names.map((name) => [name, columnTypes?.[name] ?? inferredType(first.map((row) => row[name] ?? null))]));
  const writer = new ParquetWriter({
    writer: sink,
    schema: schemaOf(types),
    codec: "ZSTD",
    compressors: { ...compressors },
    createdBy: "tilth",
  });
  return { writer, columns: types };
}

function checkMembers(group: readonly JsonObject[], columns: ReadonlyMap<string, CellType>, written: number): void {
  for (const [index, row] of group.entries()) {
    for (const name in row) {
      if (columns.has(name)) continue;
      throw new TilthError("format/late-column", { row: written + index + 1, column: name });
    }
  }
}

function writeGroup({ writer, columns }: OpenFile, group: readonly JsonObject[], written: number): void {
  const columnData = [...columns].map(([name, type]) => ({
    name,
    columnIndex: true,
    data: group.map((row, index) => {
      const cell = cellOf(row[name] ?? null, type);
      if (cell !== "unfit") return cell?.value;
      throw new TilthError("format/unfit-cell", { row: written + index + 1, column: name });
    }),
  }));
  // Into memory, so it is done when it returns.
  void writer.write({ columnData, rowGroupSize: group.length });
}

/** The bytes written so far; the writer goes on counting from where it is. */
function* taken(sink: ByteWriter): Iterable<Uint8Array> {
  if (sink.index === 0) return;
  const bytes = sink.getBytes().slice();
  sink.index = 0;
  yield bytes;
}

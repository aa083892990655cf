import { parquetMetadataAsync, parquetRead } from "hyparquet";
import type { AsyncBuffer, FileMetaData, RowGroup } from "hyparquet";
import { TilthError } from "../errors.ts";
import type { ByteSource, FileBatch, FileReadOptions, FileRecord } from "../schema/file-kind.ts";
import type { Json } from "../schema/json.ts";
import { damaged } from "./damage.ts";
import { decompressors } from "./parquet-codecs.ts";
import { faultyPage } from "./parquet-pages.ts";
import { plainValue, textParsers } from "./parquet-values.ts";
import type { Passing } from "./passing.ts";
import { passingBytes } from "./passing.ts";

/**
 * Reads a Parquet file, flat or nested, one row group at a time; `line` counts rows from 1.
 *
 * Checksums are verified where the file has them. A damaged row group is one problem that names its rows and the rest is read; where no
 * row was read before it, it is an error.
 *
 * @throws {@link TilthError} `input/needs-file` for a pipe or a packed file, `input/damaged`, `input/not-supported`.
 */
export async function* readParquet(source: ByteSource, options: FileReadOptions): AsyncIterable<FileBatch> {
  const file = bufferOf(source);
  const metadata = await footerOf(source, file);
  const groups = metadata.row_groups;
  const rows = groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
  const message = `Read as Parquet: ${rows.toLocaleString("en-US")} rows in ${groups.length} row ${groups.length === 1 ? "group" : "groups"}.`;
  options.note?.({ what: "layout", value: "parquet", message });
  const passing = passingBytes(source, (start, end) => file.slice(start, end), options);
  try {
    let rowStart = 0;
    for (const [index, group] of groups.entries()) {
      const rowEnd = rowStart + Number(group.num_rows);
      const records = await groupRecords({ source, metadata, passing, index, group, rowStart, rowEnd }, options.signal);
      for (let from = 0; from < records.length; from += batchRecords) {
        yield { records: records.slice(from, from + batchRecords), bytesRead: passing.bytesRead() };
      }
      rowStart = rowEnd;
    }
    await passing.rest();
  } finally {
    await passing.close();
  }
}

const batchRecords = 1000;

/** hyparquet's view of a source. */
interface SlicedBuffer extends AsyncBuffer {
  slice(start: number, end?: number): Promise<ArrayBuffer>;
}

function bufferOf({ name, sizeBytes, packing, slice }: ByteSource): SlicedBuffer {
  if (slice === undefined || sizeBytes === undefined || packing !== undefined) throw new TilthError("input/needs-file", { path: name });
  return {
    byteLength: sizeBytes,
    slice: async (start, end = sizeBytes) => arrayBufferOf(await slice(Math.max(0, start), Math.min(end, sizeBytes))),
  };
}

/** A copy: a Buffer's own `slice` and `buffer` are those of a larger one. */
function arrayBufferOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

async function footerOf({ name }: ByteSource, file: AsyncBuffer): Promise<FileMetaData> {
  if (file.byteLength < leastBytes) throw damaged(name, "it is too short to be a Parquet file");
  try {
    return await parquetMetadataAsync(file, { geoparquet: false });
  } catch (cause) {
    if (cause instanceof TilthError) throw cause;
    throw damaged(name, "the table of contents at its end is cut off or damaged", cause);
  }
}

/** Mark, length of the table of contents, mark. */
const leastBytes = 12;

interface GroupPlace {
  readonly source: ByteSource;
  readonly metadata: FileMetaData;
  readonly passing: Passing;
  readonly index: number;
  readonly group: RowGroup;
  readonly rowStart: number;
  readonly rowEnd: number;
}

async function groupRecords(place: GroupPlace, signal: AbortSignal | undefined): Promise<readonly FileRecord[]> {
  const { source, index, rowStart, rowEnd } = place;
  if (rowEnd === rowStart) return [];
  try {
    return (await groupRows(place)).map((value, row) => ({ value, line: rowStart + row + 1 }));
  } catch (cause) {
    if (cause instanceof TilthError || signal?.aborted === true) throw cause;
    const why = cause instanceof Error ? cause.message.replace(/^parquet /, "") : String(cause);
    if (unsupported.test(why)) throw new TilthError("input/not-supported", { path: source.name, problem: why }, { cause });
    if (rowStart === 0) throw damaged(source.name, `row group ${index + 1} is damaged (${why})`, cause);
    const rows = `rows ${rowStart + 1} to ${rowEnd}`;
    return [{ problem: `${rows} cannot be read: row group ${index + 1} is damaged (${why})`, line: rowStart + 1 }];
  }
}

/** What is sound and only not read here; anything else that fails is damage. */
const unsupported = /^(?:unsupported (?:compression codec|encoding|encryption|size): \w|\w+ not supported)/;

/** More than this is not unpacked at once; writers make groups of at most 128 MB. */
const groupLimitBytes = 2 ** 30;

async function groupRows({ source, metadata, passing, group, rowStart, rowEnd }: GroupPlace): Promise<readonly Json[]> {
  const unpackedBytes = group.columns.reduce((sum, { meta_data }) => sum + Number(meta_data?.total_uncompressed_size ?? 0n), 0);
  if (unpackedBytes > groupLimitBytes) throw new Error(`unsupported size: a row group of ${Math.round(unpackedBytes / 2 ** 20)} MB`);
  const { start, end } = extentOf(group);
  const bytes = await passing.bytes(start, end);
  const fault = faultyPage(group, bytes, start);
  if (fault !== undefined) throw new Error(fault);
  const names = metadata.schema.length === 0 ? [] : columnNames(metadata);
  const found: { rows: readonly (readonly unknown[])[] } = { rows: [] };
  await parquetRead({
    // What lies outside of the group, such as an index, is not needed to read all of it.
    file: { byteLength: source.sizeBytes ?? end, slice: (from, to = end) => arrayBufferOf(bytes.subarray(from - start, to - start)) },
    metadata,
    rowStart,
    rowEnd,
    compressors: decompressors,
    parsers: textParsers,
    geoparquet: false,
    // Bytes that no type says are text are looked at one by one.
    utf8: false,
    onComplete: (rows: readonly (readonly unknown[])[]) => (found.rows = rows),
  });
  return found.rows.map((cells) => Object.fromEntries(names.map((name, column) => [name, plainValue(cells[column])])));
}

/** Names of the top-level columns, in the order of the file. */
function columnNames({ schema }: FileMetaData): readonly string[] {
  const names: string[] = [];
  for (let at = 1; at < schema.length; at = after(schema, at)) names.push(schema[at]?.name ?? "");
  return names;
}

/** The schema is a tree written root first: the place behind the element at `at` and all that is in it. */
function after(schema: FileMetaData["schema"], at: number): number {
  let next = at + 1;
  for (let child = 0; child < (schema[at]?.num_children ?? 0); child++) next = after(schema, next);
  return next;
}

/** From the first byte of a row group to behind its last. */
function extentOf(group: RowGroup): { readonly start: number; readonly end: number } {
  let start = Infinity;
  let end = 0;
  for (const { meta_data: column } of group.columns) {
    if (column === undefined) throw new Error("unsupported encryption: a column without its description");
    const from = Number(column.dictionary_page_offset || column.data_page_offset);
    start = Math.min(start, from);
    end = Math.max(end, from + Number(column.total_compressed_size));
  }
  return start === Infinity ? { start: 0, end: 0 } : { start, end };
}

import type { DuckDBAppender, DuckDBType } from "@duckdb/node-api";
import type { Vector } from "@duckdb/node-bindings";
import type { ColumnType, VersionColumn } from "../schema/column.ts";
import type { Block } from "./cells.ts";
import { absentLength, blockLimits, shapes } from "./cells.ts";
import type { DuckSession } from "./duckdb.ts";
import { identifier, quoted } from "./duckdb.ts";

const sqlTypes: { readonly [T in ColumnType]: string } = {
  string: "VARCHAR",
  json: "VARCHAR",
  "string[]": "VARCHAR[]",
  bool: "BOOLEAN",
  i32: "INTEGER",
  i64: "BIGINT",
  f64: "DOUBLE",
  time: "TIMESTAMPTZ",
};

/** Takes the rows of one Parquet file, block by block. */
export interface ParquetWriter {
  append(block: Block): void;
  /** Writes what was appended since the last time and forgets it. */
  writeTo(path: string): Promise<void>;
}

/**
 * Prepares a connection for writing Parquet files of these columns: zstd, one row group, field numbers as ids.
 *
 * Rows are held by DuckDB, which moves them to its temporary folder when they outgrow its memory limit. One writer a connection.
 */
export async function openParquetWriter(session: DuckSession, columns: readonly VersionColumn[]): Promise<ParquetWriter> {
  const { connection } = session;
  const declared = columns.map((column) => `${identifier(column.name)} ${sqlTypes[column.type]}`).join(", ");
  const fieldIds = columns.map((column) => `${identifier(column.name)}: ${column.n}`).join(", ");
  let feed: Feed | undefined;
  await connection.run(`CREATE OR REPLACE TEMP TABLE chunk (${declared})`);
  let appender = await connection.createAppender("chunk", "main", "temp");
  return {
    append(block) {
      feed ??= createFeed(session, columns);
      feed(appender, block);
    },
    async writeTo(path) {
      appender.closeSync();
      await connection.run(
        `COPY chunk TO ${quoted(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 131072, FIELD_IDS {${fieldIds}})`,
      );
      await connection.run(`CREATE OR REPLACE TEMP TABLE chunk (${declared})`);
      appender = await connection.createAppender("chunk", "main", "temp");
    },
  };
}

type Feed = (appender: DuckDBAppender, block: Block) => void;

/**
 * Copies blocks into DuckDB a column at a time. The binding's own `setColumnValues` makes one call a cell: four times the time.
 *
 * A text of DuckDB is 16 bytes (`duckdb_string_t` of its C interface): u32 length, then up to 12 bytes of the text itself, or its first
 * 4 bytes and a pointer. The bytes of the whole block are handed over once, as one value of a vector that lives until DuckDB has copied
 * the rows; the pointers lead into it.
 */
function createFeed({ api, bindings }: DuckSession, columns: readonly VersionColumn[]): Feed {
  const types = columns.map((column) => duckType(api, column.type));
  const blob = api.BLOB.toLogicalType().logical_type;
  const scratch: Scratch = {
    texts: new Uint32Array(blockLimits.rows * 4),
    entries: new Uint32Array(blockLimits.rows * 4),
    validity: new Uint8Array(256),
  };
  // Held here, so that the memory the pointers lead to is not collected while they are in use.
  const held: { heap?: Vector } = {};
  return (appender, block) => {
    const chunk = api.DuckDBDataChunk.create(types, block.rows);
    held.heap = bindings.create_vector(blob, 1);
    bindings.vector_assign_string_element_len(held.heap, 0, block.bytes);
    const slot = bindings.vector_get_data(held.heap, 16);
    const cursor: Cursor = {
      block,
      words: new Uint32Array(block.bytes.buffer, 0, block.bytes.length / 4),
      address: new DataView(slot.buffer, slot.byteOffset, 16).getBigUint64(8, true),
      at: 8,
    };
    for (const index of columns.keys()) fillVector(bindings, bindings.data_chunk_get_vector(chunk.chunk, index), cursor, scratch);
    appender.appendDataChunk(chunk);
    delete held.heap;
  };
}

function duckType(api: DuckSession["api"], type: ColumnType): DuckDBType {
  switch (type) {
    case "string":
    case "json":
      return api.VARCHAR;
    case "string[]":
      return api.LIST(api.VARCHAR);
    case "bool":
      return api.BOOLEAN;
    case "i32":
      return api.INTEGER;
    case "i64":
      return api.BIGINT;
    case "f64":
      return api.DOUBLE;
    case "time":
      return api.TIMESTAMPTZ;
  }
}

interface Scratch {
  /** Four words a text, as DuckDB holds it. */
  texts: Uint32Array<ArrayBuffer>;
  /** Four words a list: offset and length, 64 bits each. */
  readonly entries: Uint32Array<ArrayBuffer>;
  /** One bit a row, 1 = there. */
  readonly validity: Uint8Array<ArrayBuffer>;
}

interface Cursor {
  readonly block: Block;
  readonly words: Uint32Array;
  /** Where DuckDB keeps the block's bytes. */
  readonly address: bigint;
  at: number;
}

type Bindings = DuckSession["bindings"];

function fillVector(bindings: Bindings, vector: Vector, cursor: Cursor, scratch: Scratch): void {
  const [shape = 0, size = 0, items = 0] = cursor.words.subarray(cursor.at / 4 + 1, cursor.at / 4 + 4);
  cursor.at += 16;
  scratch.validity.fill(255);
  if (shape === shapes.absent) scratch.validity.fill(0);
  if (shape === shapes.texts) fillTexts(bindings, vector, cursor, scratch, size);
  if (shape === shapes.numbers) fillNumbers(bindings, vector, cursor, scratch, size);
  if (shape === shapes.lists) fillLists(bindings, vector, cursor, scratch, { size, items });
  if (scratch.validity.some((bits) => bits !== 255)) {
    bindings.vector_ensure_validity_writable(vector);
    bindings.copy_data_to_vector_validity(vector, 0, scratch.validity.buffer, 0, scratch.validity.length);
  }
}

function fillTexts(bindings: Bindings, vector: Vector, cursor: Cursor, scratch: Scratch, size: number): void {
  const { rows } = cursor.block;
  const lengths = take(cursor, rows * 4) / 4;
  for (let i = 0; i < rows; i++) if (cursor.words[lengths + i] === absentLength) setAbsent(scratch, i);
  putTexts(cursor, scratch, lengths, rows, take(cursor, size));
  bindings.copy_data_to_vector(vector, 0, scratch.texts.buffer, 0, rows * 16);
}

function fillNumbers(bindings: Bindings, vector: Vector, cursor: Cursor, scratch: Scratch, width: number): void {
  const { rows, bytes } = cursor.block;
  const there = take(cursor, rows);
  for (let i = 0; i < rows; i++) if (bytes[there + i] === 0) setAbsent(scratch, i);
  bindings.copy_data_to_vector(vector, 0, bytes.buffer, take(cursor, rows * width), rows * width);
}

function fillLists(
  bindings: Bindings,
  vector: Vector,
  cursor: Cursor,
  scratch: Scratch,
  { size, items }: { readonly size: number; readonly items: number },
): void {
  const { rows } = cursor.block;
  const counts = take(cursor, rows * 4) / 4;
  const lengths = take(cursor, items * 4) / 4;
  scratch.entries.fill(0);
  let offset = 0;
  for (let i = 0; i < rows; i++) {
    const count = cursor.words[counts + i] ?? 0;
    if (count === absentLength) setAbsent(scratch, i);
    scratch.entries[i * 4] = offset;
    scratch.entries[i * 4 + 2] = count === absentLength ? 0 : count;
    offset += count === absentLength ? 0 : count;
  }
  bindings.copy_data_to_vector(vector, 0, scratch.entries.buffer, 0, rows * 16);
  bindings.list_vector_reserve(vector, items);
  bindings.list_vector_set_size(vector, items);
  if (scratch.texts.length < items * 4) scratch.texts = new Uint32Array(items * 4);
  putTexts(cursor, scratch, lengths, items, take(cursor, size));
  bindings.copy_data_to_vector(bindings.list_vector_get_child(vector), 0, scratch.texts.buffer, 0, items * 16);
}

/** Writes the texts whose lengths stand at word `lengths` and whose bytes begin at `start` as DuckDB holds them. */
function putTexts(cursor: Cursor, { texts }: Scratch, lengths: number, count: number, start: number): void {
  const { words } = cursor;
  const { bytes } = cursor.block;
  let address = cursor.address + BigInt(start);
  let low = Number(address & 0xffff_ffffn);
  let high = Number(address >> 32n);
  let at = start;
  for (let i = 0, slot = 0; i < count; i++, slot += 4) {
    const length = words[lengths + i] ?? 0;
    if (length === absentLength) continue;
    texts[slot] = length;
    if (length <= 12) {
      texts[slot + 1] = shortWord(bytes, at, length);
      texts[slot + 2] = shortWord(bytes, at + 4, length - 4);
      texts[slot + 3] = shortWord(bytes, at + 8, length - 8);
    } else {
      texts[slot + 1] = shortWord(bytes, at, 4);
      texts[slot + 2] = low;
      texts[slot + 3] = high;
    }
    at += length;
    low += length;
    if (low > 0xffff_ffff) {
      address = cursor.address + BigInt(at);
      low = Number(address & 0xffff_ffffn);
      high = Number(address >> 32n);
    }
  }
}

/** Up to four bytes as a word, missing ones zero. */
function shortWord(bytes: Uint8Array, at: number, length: number): number {
  let word = 0;
  for (let i = Math.min(4, length) - 1; i >= 0; i--) word = (word << 8) | (bytes[at + i] ?? 0);
  return word;
}

function setAbsent({ validity }: Scratch, row: number): void {
  validity[row >> 3] = (validity[row >> 3] ?? 0) & ~(1 << (row & 7));
}

/** Moves on to the next part, and says where this one began. */
function take(cursor: Cursor, size: number): number {
  const { at } = cursor;
  cursor.at += Math.ceil(size / 8) * 8;
  return at;
}

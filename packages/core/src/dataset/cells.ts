import type { ColumnType, VersionColumn } from "../schema/column.ts";

/** One value of a version row: booleans 0 or 1, times in milliseconds UTC, JSON as text, absent null. */
export type Cell = null | number | string | Uint8Array | readonly string[];

/** The cells of one row in the order of the columns. */
export type Row = readonly Cell[];

/** Up to 2,048 rows, column by column, as bytes: what a chunk's digest is computed on and what DuckDB is fed from. */
export interface Block {
  readonly rows: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Where blocks end: at 2,048 rows, or with the row that brings the texts of the block to this many UTF-16 units.
 *
 * 2,048 is the length of DuckDB's vectors.
 */
export const blockLimits = { rows: 2_048, units: 8_388_608 } as const;

/** Length of a text, or number of a list's items, where the cell is null. */
export const absentLength = 0xffff_ffff;

/** How the cells of one column of a block are laid out. */
export const shapes = { absent: 0, texts: 1, numbers: 2, lists: 3 } as const;

/** Bytes of a value in a column of numbers. */
export const widths: { readonly [T in ColumnType]: number } = {
  bool: 1,
  i32: 4,
  i64: 8,
  f64: 8,
  time: 8,
  string: 0,
  json: 0,
  "string[]": 0,
};

/**
 * Makes a function that lays rows out as a block.
 *
 * A chunk's `cells` is SHA-256 over its blocks one after the other. All numbers are little-endian, every part is filled with zero bytes to
 * a multiple of 8:
 *
 * - block: u32 number of rows, u32 number of columns, then the columns in order.
 * - column: u32 field number, u32 shape, u32 size, u32 items, then by shape
 *   - 0, every cell null: nothing; size and items are 0.
 *   - 1, texts: u32 length in bytes for each row (2^32-1 = null); then the texts in UTF-8, `size` bytes in all.
 *   - 2, numbers of `size` bytes: one byte for each row (1, or 0 = null); then the values (null = 0): bool u8, i32, i64, f64, and time
 *     as i64 microseconds UTC.
 *   - 3, lists of texts: u32 number of items for each row (2^32-1 = null); u32 length in bytes for each of the `items`; the texts.
 *
 * Every length stands before what it measures, so different cells never give the same bytes.
 *
 * @returns A function for at most {@link blockLimits} rows at a time; the block it gives is the caller's own.
 */
export function createBlockEncoder(columns: readonly VersionColumn[]): (rows: readonly Row[]) => Block {
  const out: Output = { bytes: new Uint8Array(1 << 20), at: 0 };
  return (rows) => {
    out.at = 0;
    putWords(out, [rows.length, columns.length]);
    const cells = Array.from<Cell>({ length: rows.length }).fill(null);
    for (const [index, column] of columns.entries()) {
      for (let i = 0; i < cells.length; i++) cells[i] = rows[i]?.[index] ?? null;
      putColumn(out, column, cells);
    }
    return { rows: rows.length, bytes: out.bytes.slice(0, out.at) };
  };
}

/** UTF-16 units of a row's texts, counted against {@link blockLimits}. */
export function textUnits(row: Row): number {
  let units = 0;
  for (const cell of row) if (typeof cell === "string") units += cell.length;
  return units;
}

interface Output {
  bytes: Uint8Array<ArrayBuffer>;
  at: number;
}

function putColumn(out: Output, column: VersionColumn, cells: readonly Cell[]): void {
  const width = widths[column.type];
  if (cells.every((cell) => cell === null)) putWords(out, [column.n, shapes.absent, 0, 0]);
  else if (column.type === "string[]") putLists(out, column, cells);
  else if (width === 0) putTexts(out, column, cells);
  else putNumbers(out, column, cells, width);
}

function putTexts(out: Output, column: VersionColumn, cells: readonly Cell[]): void {
  const texts = cells.filter((cell) => cell !== null).map((cell) => textOf(cell, column));
  const head = putWords(out, [column.n, shapes.texts, 0, 0]);
  const lengths = takeWords(out, cells.length);
  const { size, ascii } = putUtf8(out, texts);
  setWord(out, head + 8, size);
  const view = wordsAt(out, lengths, cells.length);
  let next = 0;
  for (let i = 0; i < cells.length; i++) {
    if (cells[i] === null) view[i] = absentLength;
    else view[i] = byteLength(texts[next++] ?? "", ascii);
  }
}

function putLists(out: Output, column: VersionColumn, cells: readonly Cell[]): void {
  const lists = cells.map((cell) => (cell === null ? undefined : listOf(cell, column)));
  const items = lists.flatMap((list) => list ?? []);
  const head = putWords(out, [column.n, shapes.lists, 0, items.length]);
  const counts = takeWords(out, cells.length);
  const lengths = takeWords(out, items.length);
  const { size, ascii } = putUtf8(out, items);
  setWord(out, head + 8, size);
  const countView = wordsAt(out, counts, cells.length);
  for (const [i, list] of lists.entries()) countView[i] = list?.length ?? absentLength;
  const lengthView = wordsAt(out, lengths, items.length);
  for (const [i, item] of items.entries()) lengthView[i] = byteLength(item, ascii);
}

function putNumbers(out: Output, column: VersionColumn, cells: readonly Cell[], width: number): void {
  putWords(out, [column.n, shapes.numbers, width, 0]);
  const there = takeBytes(out, cells.length);
  const start = takeBytes(out, cells.length * width);
  const { buffer } = out.bytes;
  const flags = new Uint8Array(buffer, there, cells.length);
  const values = numbersAt(buffer, start, cells.length, column.type);
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i] ?? null;
    flags[i] = cell === null ? 0 : 1;
    const number = cell === null ? 0 : numberOf(cell, column);
    if (values instanceof BigInt64Array) values[i] = column.type === "time" ? BigInt(number) * 1_000n : BigInt(number);
    else values[i] = number;
  }
}

function numbersAt(
  buffer: ArrayBuffer,
  at: number,
  length: number,
  type: ColumnType,
): Uint8Array | Int32Array | Float64Array | BigInt64Array {
  if (type === "bool") return new Uint8Array(buffer, at, length);
  if (type === "i32") return new Int32Array(buffer, at, length);
  if (type === "f64") return new Float64Array(buffer, at, length);
  return new BigInt64Array(buffer, at, length);
}

const encoder = new TextEncoder();

/** Joined first: one call for a whole column costs a tenth of a call a text. */
function putUtf8(out: Output, texts: readonly string[]): { readonly size: number; readonly ascii: boolean } {
  const text = texts.join("");
  reserve(out, text.length * 3 + 8);
  const { written } = encoder.encodeInto(text, out.bytes.subarray(out.at));
  out.at += written;
  fill(out);
  return { size: written, ascii: written === text.length };
}

function byteLength(text: string, ascii: boolean): number {
  return ascii ? text.length : Buffer.byteLength(text);
}

function textOf(cell: Cell, column: VersionColumn): string {
  if (typeof cell === "string") return cell;
  throw new TypeError(`column ${column.name} holds something else than text`);
}

function listOf(cell: Cell, column: VersionColumn): readonly string[] {
  if (Array.isArray(cell)) return cell;
  throw new TypeError(`column ${column.name} holds something else than a list`);
}

function numberOf(cell: Cell, column: VersionColumn): number {
  if (typeof cell === "number") return cell;
  throw new TypeError(`column ${column.name} holds something else than a number`);
}

/** @returns Where the words begin. */
function putWords(out: Output, words: readonly number[]): number {
  const at = takeWords(out, words.length);
  wordsAt(out, at, words.length).set(words);
  return at;
}

function setWord(out: Output, at: number, word: number): void {
  new Uint32Array(out.bytes.buffer, at, 1)[0] = word;
}

function takeWords(out: Output, count: number): number {
  return takeBytes(out, count * 4);
}

function wordsAt(out: Output, at: number, count: number): Uint32Array {
  return new Uint32Array(out.bytes.buffer, at, count);
}

function takeBytes(out: Output, count: number): number {
  const { at } = out;
  reserve(out, count + 8);
  out.at += count;
  fill(out);
  return at;
}

function fill(out: Output): void {
  while (out.at % 8 !== 0) out.bytes[out.at++] = 0;
}

function reserve(out: Output, count: number): void {
  const needed = out.at + count;
  if (needed <= out.bytes.length) return;
  const bytes = new Uint8Array(Math.max(needed, out.bytes.length * 2));
  bytes.set(out.bytes.subarray(0, out.at));
  out.bytes = bytes;
}

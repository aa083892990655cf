import { readSync } from "node:fs";
import type { BrokenLine } from "./near-messages.ts";

/** The rows whose lines begin in one range of a JSON Lines file. */
export interface RangeRows {
  /** The chosen fields of each row, one below the other; empty where it has none of them. */
  readonly texts: readonly string[];
  /** Where the line of each row begins in the file. */
  readonly byteOffsets: Float64Array;
  /** Which line of the range each row is, from 0. */
  readonly lines: Int32Array;
  /** All lines that begin in the range, blank and broken ones included. */
  readonly lineCount: number;
  /** Lines without a row; `line` counts from 0 in the range. */
  readonly broken: readonly BrokenLine[];
  readonly withoutText: number;
}

/** A line longer than this is broken, as everywhere. */
const MOST_LINE_BYTES = 64 * 2 ** 20;

/**
 * Reads the lines whose first byte lies in `[start, end)`: ranges that meet own every line once, wherever they meet.
 *
 * CRLF, blank lines, a byte order mark and a last line without an end are accepted.
 */
export function readRange(file: number, start: number, end: number, fields: readonly string[]): RangeRows {
  const texts: string[] = [];
  const byteOffsets: number[] = [];
  const lines: number[] = [];
  const broken: BrokenLine[] = [];
  let withoutText = 0;
  let lineCount = 0;
  for (const { bytes, from, to, byteOffset, tooLong } of linesOf(file, start, end)) {
    const line = lineCount++;
    if (isBlank(bytes, from, to)) continue;
    const row = tooLong ? `longer than ${MOST_LINE_BYTES / 2 ** 20} MB` : parseRow(bytes.toString("utf8", from, to));
    if (typeof row === "string") {
      broken.push({ line, byteOffset, problem: row });
      continue;
    }
    const text = textOf(row, fields);
    if (text === undefined) withoutText++;
    texts.push(text ?? "");
    byteOffsets.push(byteOffset);
    lines.push(line);
  }
  return { texts, byteOffsets: Float64Array.from(byteOffsets), lines: Int32Array.from(lines), lineCount, broken, withoutText };
}

interface Line {
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;
  readonly byteOffset: number;
  readonly tooLong: boolean;
}

function* linesOf(file: number, start: number, end: number): Iterable<Line> {
  // The byte before the range says whether a line begins with it.
  const first = Math.max(0, start - 1);
  const bytes = readOwned(file, first, end, start > 0);
  const mark = first === 0 && bytes.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 3 : 0;
  let from = start === 0 ? mark : bytes.indexOf(NEWLINE) + 1;
  if (start > 0 && from === 0) return;
  while (from < bytes.length && (first + from < end || (start === 0 && from === mark))) {
    const newline = bytes.indexOf(NEWLINE, from);
    const to = newline === -1 ? bytes.length : newline;
    yield { bytes, from, to, byteOffset: first + from, tooLong: to - from > MOST_LINE_BYTES };
    from = to + 1;
  }
}

/**
 * The bytes from `first` to the end of the line that the range's last byte lies in, or a little more than the longest line; nothing where no
 * line can begin in the range.
 */
function readOwned(file: number, first: number, end: number, beginsInLine: boolean): Buffer {
  let bytes = Buffer.allocUnsafe(end - first + LOOK_AHEAD);
  let filled = fill(file, bytes, 0, first);
  if (beginsInLine && !bytes.subarray(0, Math.min(filled, end - first)).includes(NEWLINE)) return bytes.subarray(0, 0);
  for (let looked = end - first - 1; ; looked = filled) {
    const lineEnd = bytes.subarray(0, filled).indexOf(NEWLINE, looked);
    if (lineEnd !== -1) return bytes.subarray(0, lineEnd + 1);
    if (filled < bytes.length || filled - (end - first) > MOST_LINE_BYTES) return bytes.subarray(0, filled);
    const larger = Buffer.allocUnsafe(bytes.length * 2);
    bytes.copy(larger, 0, 0, filled);
    bytes = larger;
    filled = fill(file, bytes, filled, first);
  }
}

/** Fills the bytes from `filled` on as far as the file goes; gives back how many are filled then. */
function fill(file: number, bytes: Buffer, filled: number, first: number): number {
  let at = filled;
  while (at < bytes.length) {
    const got = readSync(file, bytes, at, bytes.length - at, first + at);
    if (got === 0) return at;
    at += got;
  }
  return at;
}

function isBlank(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const byte = bytes[at];
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return false;
  }
  return true;
}

/** The row, or what is wrong with the line. */
function parseRow(line: string): Readonly<Record<string, unknown>> | string {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : "no JSON object";
  } catch {
    return "not JSON";
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(row: Readonly<Record<string, unknown>>, fields: readonly string[]): string | undefined {
  let text: string | undefined;
  for (const field of fields) {
    const value = row[field];
    if (typeof value === "string") text = text === undefined ? value : `${text}\n${value}`;
  }
  return text;
}

const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = Buffer.of(0xef, 0xbb, 0xbf);
const LOOK_AHEAD = 1 << 16;

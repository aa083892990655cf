import type { FileRecord } from "../schema/file-kind.ts";
import { rawBytes, rawText } from "./batches.ts";
import type { RecordReader, RecordSink, Unfinished } from "./batches.ts";
import { growingBytes } from "./growing-bytes.ts";
import { byteOf, endOfPlain, isJsonSpace, lastKey } from "./json-bytes.ts";
import type { JsonLayout } from "./json-layout.ts";
import { depthLimit, depthProblem, jsonRecord, parseJson, recordLimitBytes } from "./json-record.ts";

/**
 * Reads the rows of one JSON text element by element, so that memory holds one element at a time.
 *
 * Brackets are counted outside strings to find where an element ends; `JSON.parse` judges each. What stands around the rows (the
 * "frame") is kept too, with the rows left out, and parsed at the end: together both accept exactly what `JSON.parse` accepts. A text
 * without an array of rows is all frame, and its value is the one record.
 *
 * A broken element with balanced brackets is a problem of its own; brackets that do not match end the reading with a problem.
 */
export class ElementReader implements RecordReader {
  readonly #layout: JsonLayout;
  readonly #sink: RecordSink;
  readonly #frame = growingBytes(recordLimitBytes);
  readonly #element = growingBytes(recordLimitBytes);
  /** The closing brackets that are awaited, innermost last. */
  readonly #awaited: number[] = [];
  #depth = 0;
  #line = 1;
  /** Where the kept part of the current chunk begins. */
  #from = 0;
  #inString = false;
  #escaped = false;
  /** The depth at which the elements of the open array of rows lie; 0 outside of one. */
  #rowsDepth = 0;
  #foundRows = false;
  #group: string | undefined;
  /** Where the element being read begins; 0 between two elements. */
  #elementLine = 0;
  #deepest = 0;
  #afterComma = false;
  #frameLine = 0;
  /** The value is complete: only white space may follow. */
  #closed = false;
  /** The place of the next element cannot be known: nothing further is read. */
  #over = false;

  constructor(layout: JsonLayout, sink: RecordSink) {
    this.#layout = layout;
    this.#sink = sink;
  }

  push(bytes: Buffer): void {
    this.#from = 0;
    for (let at = 0; at < bytes.length && !this.#over; at++) {
      if (this.#inString) at = this.#skipString(bytes, at);
      else this.#take(bytes, at);
    }
    if (!this.#over) this.#keep(bytes, bytes.length);
  }

  end(): void {
    if (this.#over) return;
    if (this.#rowsDepth > 0) this.#endInRows();
    else if (this.#foundRows) this.#endOfFrame();
    else this.#frameRecord();
  }

  unfinished(): Unfinished | undefined {
    if (this.#over) return undefined;
    const kept = this.#foundRows ? this.#element : this.#frame;
    return { line: this.#elementLine || this.#line, raw: rawText(kept.start(rawBytes)) };
  }

  /** Returns the place of the last byte looked at. */
  #skipString(bytes: Buffer, start: number): number {
    let at = start;
    if (this.#escaped) {
      this.#escaped = false;
      if (bytes[at] !== byteOf.newline) at++;
    }
    for (at = endOfPlain(bytes, at); at < bytes.length; at = endOfPlain(bytes, at + 1)) {
      const byte = bytes[at];
      if (byte === byteOf.backslash) {
        if (at + 1 === bytes.length) this.#escaped = true;
        else if (bytes[at + 1] !== byteOf.newline) at++;
      } else {
        // A raw line break is no part of a JSON string: taking it as the end keeps one lost quote from swallowing the file.
        this.#inString = false;
        if (byte === byteOf.newline) this.#line++;
        return at;
      }
    }
    return at;
  }

  #take(bytes: Buffer, at: number): void {
    const byte = bytes[at] ?? 0;
    if (byte === byteOf.newline) this.#line++;
    if (isJsonSpace(byte)) return;
    if (this.#closed) return this.#refuseRest(bytes, at);
    if (this.#frameLine === 0) this.#frameLine = this.#line;
    const between = this.#rowsDepth > 0 && this.#elementLine === 0;
    if (between && byte !== byteOf.comma && byte !== byteOf.closeBracket) {
      this.#elementLine = this.#line;
      this.#deepest = 0;
      this.#from = at;
    }
    if (byte === byteOf.quote) this.#inString = true;
    else if (byte === byteOf.openBracket || byte === byteOf.openBrace) this.#open(bytes, at, byte);
    else if (byte === byteOf.closeBracket || byte === byteOf.closeBrace) this.#close(bytes, at, byte);
    else if (byte === byteOf.comma && this.#rowsDepth > 0 && this.#depth === this.#rowsDepth) this.#finishElement(bytes, at, true);
  }

  #open(bytes: Buffer, at: number, bracket: number): void {
    if (this.#rowsDepth === 0 && this.#depth <= 1 && bracket === byteOf.openBracket) {
      // The name of this array is read off the frame.
      this.#keep(bytes, at);
      if (this.#startsRows()) {
        this.#keep(bytes, at + 1);
        this.#rowsDepth = this.#depth + 1;
        this.#foundRows = true;
        this.#afterComma = false;
      }
    }
    this.#depth++;
    this.#deepest = Math.max(this.#deepest, this.#depth - this.#rowsDepth);
    // Deeper ones are refused anyway and must not fill memory.
    if (this.#depth <= awaitedLimit) this.#awaited.push(bracket === byteOf.openBracket ? byteOf.closeBracket : byteOf.closeBrace);
  }

  #startsRows(): boolean {
    const layout = this.#layout;
    if (layout.kind === "array") return this.#depth === 0;
    if (layout.kind === "lines" || this.#depth !== 1 || this.#awaited[0] !== byteOf.closeBrace) return false;
    const name = lastKey(this.#frame.tail(nameLimitBytes));
    if (name === undefined || (layout.kind === "members" && !layout.names.has(name))) return false;
    this.#group = layout.kind === "groups" ? name : undefined;
    return true;
  }

  #close(bytes: Buffer, at: number, bracket: number): void {
    const awaited = this.#depth <= awaitedLimit ? this.#awaited.pop() : bracket;
    if (this.#rowsDepth > 0 && awaited !== bracket) return this.#loseTrack(bytes, at);
    if (this.#rowsDepth > 0 && this.#depth === this.#rowsDepth) {
      if (this.#elementLine > 0 || this.#afterComma) this.#finishElement(bytes, at, false);
      this.#rowsDepth = 0;
      this.#from = at;
    }
    this.#depth--;
    if (this.#depth <= 0) this.#closed = true;
  }

  /** Keeps what lies between the last place and this one, in the frame or in the element it belongs to. */
  #keep(bytes: Buffer, to: number): void {
    if (this.#rowsDepth === 0) this.#frame.add(bytes.subarray(this.#from, to));
    else if (this.#elementLine > 0) this.#element.add(bytes.subarray(this.#from, to));
    this.#from = to;
  }

  #finishElement(bytes: Buffer, at: number, afterComma: boolean): void {
    if (this.#elementLine === 0) {
      this.#sink({ problem: `an element is missing in line ${this.#line}`, line: this.#line }, 1);
    } else {
      this.#keep(bytes, at);
      this.#sink(this.#elementRecord(), this.#element.size());
      this.#element.clear();
      this.#elementLine = 0;
    }
    this.#afterComma = afterComma;
    this.#from = at + 1;
  }

  #elementRecord(): FileRecord {
    const line = this.#elementLine;
    const what = `the element in line ${line}`;
    const raw = (): string => rawText(this.#element.start(rawBytes));
    if (this.#element.isFull()) return { problem: `${what} is longer than 64 MB`, line, raw: raw() };
    if (this.#deepest > depthLimit) return { problem: `${what} ${depthProblem}`, line, raw: raw() };
    const record = jsonRecord(this.#element.text(), line, what, raw);
    return this.#group === undefined || "problem" in record ? record : { ...record, group: this.#group };
  }

  #loseTrack(bytes: Buffer, at: number): void {
    this.#keep(bytes, at + 1);
    this.#over = true;
    const line = this.#elementLine || this.#line;
    const problem = `the element in line ${line} has brackets that do not match (line ${this.#line}): the rest of the array cannot be read`;
    this.#sink({ problem, line, raw: rawText(this.#element.start(rawBytes)) }, this.#element.size());
  }

  #refuseRest(bytes: Buffer, at: number): void {
    this.#over = true;
    const problem = `more text follows in line ${this.#line} after the end of the JSON value`;
    this.#sink({ problem, line: this.#line, raw: rawText(bytes.subarray(at)) }, 1);
  }

  #endInRows(): void {
    const line = this.#elementLine || this.#line;
    const where = this.#elementLine > 0 ? `in the element of line ${line}` : `in line ${line}`;
    const problem = `the file ends ${where}, before its array is closed: what stood before is read`;
    this.#sink({ problem, line, raw: rawText(this.#element.start(rawBytes)) }, this.#element.size());
  }

  #endOfFrame(): void {
    const line = this.#frameLine;
    const rest = this.#frame.isFull() ? { reason: "is longer than 64 MB" } : parseJson(this.#frame.text());
    if ("reason" in rest) this.#sink({ problem: `what stands around the rows ${rest.reason}`, line }, this.#frame.size());
  }

  #frameRecord(): void {
    const line = this.#frameLine || 1;
    const raw = (): string => rawText(this.#frame.start(rawBytes));
    const record: FileRecord = this.#frame.isFull()
      ? { problem: "the JSON value is longer than 64 MB and no array of rows", line, raw: raw() }
      : jsonRecord(this.#frame.text(), line, "the JSON value", raw);
    this.#sink(record, this.#frame.size());
  }
}

const awaitedLimit = 2 * depthLimit;

/** A label longer than this is none. */
const nameLimitBytes = 4096;

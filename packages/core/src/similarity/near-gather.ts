import type { ShingleSets } from "../text/kernels/shingle-sets.ts";
import type { BrokenLine, NearRequest, RangeSets } from "./near-messages.ts";
import type { NearPool } from "./near-pool.ts";

/** All rows of a file, in the order of their lines. */
export interface GatheredRanges {
  readonly sets: ShingleSets;
  /** Column-major over all rows; empty where nothing is banded. */
  readonly keys: Int32Array;
  readonly lines: Float64Array;
  readonly byteOffsets: Float64Array;
  readonly broken: readonly BrokenLine[];
  readonly brokenCount: number;
  readonly withoutText: number;
}

/** Has every range read by the first thread that is free, and lays the replies end to end in the order of the file. */
export async function gatherRanges(
  pool: NearPool,
  ranges: readonly NearRequest[],
  bands: number,
  onRead: (bytesRead: number) => void,
): Promise<GatheredRanges> {
  const gathering = newGathering(ranges.length);
  const early = new Map<number, RangeSets>();
  let asked = 0;
  let taken = 0;
  let bytesRead = 0;
  const readOn = async (): Promise<void> => {
    for (let index = asked++; index < ranges.length; index = asked++) {
      const range = ranges[index];
      if (range?.kind !== "range") return;
      const reply = await pool.ask(range);
      if (reply.kind !== "range") throw new Error("A thread answered another question than it was asked.");
      early.set(index, reply);
      bytesRead += range.end - range.start;
      onRead(bytesRead);
      for (let ready = early.get(taken); ready !== undefined; ready = early.get(taken)) {
        early.delete(taken++);
        append(gathering, ready);
      }
    }
  };
  await Promise.all(Array.from({ length: pool.size }, readOn));
  return finish(gathering, bands);
}

interface Gathering {
  values: Int32Array;
  valueCount: number;
  offsets: Float64Array;
  lines: Float64Array;
  byteOffsets: Float64Array;
  rows: number;
  lineCount: number;
  readonly rangeCount: number;
  rangesTaken: number;
  readonly keys: { readonly keys: Int32Array; readonly rows: number }[];
  readonly broken: BrokenLine[];
  brokenCount: number;
  withoutText: number;
}

function newGathering(rangeCount: number): Gathering {
  return {
    values: new Int32Array(0),
    valueCount: 0,
    offsets: new Float64Array(1),
    lines: new Float64Array(0),
    byteOffsets: new Float64Array(0),
    rows: 0,
    lineCount: 0,
    rangeCount,
    rangesTaken: 0,
    keys: [],
    broken: [],
    brokenCount: 0,
    withoutText: 0,
  };
}

function append(gathering: Gathering, range: RangeSets): void {
  const { sets, lines, byteOffsets, broken } = range;
  const rows = lines.length;
  makeRoom(gathering, sets.values.length, rows);
  gathering.values.set(sets.values, gathering.valueCount);
  gathering.byteOffsets.set(byteOffsets, gathering.rows);
  for (let row = 0; row < rows; row++) {
    gathering.offsets[gathering.rows + row + 1] = gathering.valueCount + (sets.offsets[row + 1] ?? 0);
    gathering.lines[gathering.rows + row] = gathering.lineCount + (lines[row] ?? 0) + 1;
  }
  if (range.keys.length > 0) gathering.keys.push({ keys: range.keys, rows });
  for (const { line, ...rest } of broken.slice(0, MOST_LISTED - gathering.broken.length)) {
    gathering.broken.push({ line: gathering.lineCount + line + 1, ...rest });
  }
  gathering.brokenCount += broken.length;
  gathering.withoutText += range.withoutText;
  gathering.lineCount += range.lineCount;
  gathering.valueCount += sets.values.length;
  gathering.rows += rows;
  gathering.rangesTaken++;
}

/** Room for what comes, and for all ranges if they are like those before: pages that are never written take no memory. */
function makeRoom(gathering: Gathering, values: number, rows: number): void {
  const ahead = (gathering.rangeCount / (gathering.rangesTaken + 1)) * 1.1;
  if (gathering.valueCount + values > gathering.values.length) {
    const larger = new Int32Array(Math.ceil((gathering.valueCount + values) * ahead));
    larger.set(gathering.values.subarray(0, gathering.valueCount));
    gathering.values = larger;
  }
  if (gathering.rows + rows + 1 <= gathering.lines.length) return;
  const length = Math.ceil((gathering.rows + rows + 1) * ahead);
  gathering.offsets = resized(gathering.offsets, length);
  gathering.lines = resized(gathering.lines, length);
  gathering.byteOffsets = resized(gathering.byteOffsets, length);
}

function resized(array: Float64Array, length: number): Float64Array {
  const larger = new Float64Array(length);
  larger.set(array);
  return larger;
}

function finish(gathering: Gathering, bands: number): GatheredRanges {
  const { rows, valueCount, broken, brokenCount, withoutText } = gathering;
  return {
    sets: { values: gathering.values.subarray(0, valueCount), offsets: gathering.offsets.subarray(0, rows + 1) },
    keys: joinColumns(gathering, bands),
    lines: gathering.lines.slice(0, rows),
    byteOffsets: gathering.byteOffsets.slice(0, rows),
    broken,
    brokenCount,
    withoutText,
  };
}

function joinColumns({ keys: parts, rows }: Gathering, bands: number): Int32Array {
  const keys = new Int32Array(parts.length === 0 ? 0 : bands * rows);
  let start = 0;
  for (const part of parts) {
    for (let band = 0; band < bands; band++) keys.set(part.keys.subarray(band * part.rows, (band + 1) * part.rows), band * rows + start);
    start += part.rows;
  }
  return keys;
}

/** Broken lines that are listed; all of them are counted. */
const MOST_LISTED = 1000;

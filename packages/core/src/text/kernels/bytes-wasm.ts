// Typed arrays and loops only: the memory of bytes.wasm is laid out here, filled in batches and read back. Its areas never grow; tables of rows
// lie behind them and are the only thing that does.
import { normalizeText } from "../normalize.ts";
import {
  BYTE_KERNELS_VERSION,
  type ByteKernels,
  type RowTable,
  type RowTableOptions,
  type SketchPlan,
  checkRowLists,
  checkRowTable,
  checkShingleWords,
  checkSketchPlan,
} from "./byte-kernels.ts";
import { type SetKeys, bandKeysOfOne, shingleSetOf } from "./bytes.ts";
import type { KernelMemory } from "./instance.ts";
import type { ShingleSets } from "./shingle-sets.ts";
import { sketchConstants } from "./sketch-constants.ts";

/** What bytes.as.ts exports: pointers are byte offsets, counts are whole numbers. */
export interface ByteExports {
  readonly memory: KernelMemory;
  words(text: number, length: number, workspace: number, out: number): number;
  shingles(words: number, count: number, size: number): number;
  shingleSets(
    text: number,
    ends: number,
    count: number,
    size: number,
    workspace: number,
    scratch: number,
    out: number,
    setEnds: number,
  ): void;
  bandKeys(
    values: number,
    ends: number,
    count: number,
    bands: number,
    rows: number,
    family: number,
    constants: number,
    best: number,
    sketch: number,
    keys: number,
  ): void;
  rowSums(rows: number, scales: number, stride: number, ids: number, ends: number, count: number, out: number): void;
}

/** Bytes of text in one batch. */
const TEXT_BYTES = 1 << 20;
/** Every other byte can begin a word, and each text can add one. */
const MOST_ITEMS = 1 << 13;
const VALUE_COUNT = TEXT_BYTES / 2 + MOST_ITEMS;
const KEY_COUNT = 1 << 18;
const PAGE_BYTES = 1 << 16;
/** What kernels may read or write past the end of an area. */
const SLACK_BYTES = 64;

/** Where each area begins, in bytes. */
export const areas = layOut({
  text: TEXT_BYTES,
  workspace: 80 << 10,
  ends: 4 * MOST_ITEMS,
  setEnds: 4 * MOST_ITEMS,
  scratch: 4 * VALUE_COUNT,
  values: 4 * VALUE_COUNT,
  constants: 4 * 8192,
  best: 8 * 4096,
  sketch: 4 * 4096,
  keys: 4 * KEY_COUNT,
});

function layOut<Name extends string>(sizes: Readonly<Record<Name, number>>): Readonly<Record<Name | "end", number>> {
  // The first page is left to the compiler.
  let at = PAGE_BYTES;
  const starts: Record<string, number> = {};
  for (const [name, size] of Object.entries<number>(sizes)) {
    starts[name] = at;
    at += (size + SLACK_BYTES + 63) & ~63;
  }
  // oxlint-disable-next-line typescript/consistent-type-assertions -- every name of the sizes was written above
  return { ...starts, end: at } as Readonly<Record<Name | "end", number>>;
}

/** The memory as it is seen from here; made anew when it has grown. */
interface Views {
  readonly whole: ArrayBuffer;
  readonly text: Buffer;
  readonly int8: Int8Array;
  readonly int32: Int32Array;
  readonly float32: Float32Array;
}

/**
 * The byte kernels in WebAssembly.
 *
 * About 7 MB of memory and no more, whatever the texts hold; tables of rows come on top.
 */
export function wasmByteKernels(wasm: ByteExports): ByteKernels {
  growTo(wasm.memory, areas.end);
  let seen: Views | undefined;
  const views = (): Views => {
    if (seen?.whole !== wasm.memory.buffer) seen = viewsOf(wasm.memory.buffer);
    return seen;
  };
  return {
    engine: "wasm",
    version: BYTE_KERNELS_VERSION,
    shingleSets: (texts, shingleWords) => shingleSets(wasm, views(), texts, shingleWords),
    bandKeys: (sets, plan) => bandKeys(wasm, views(), sets, plan),
    rowTable: (table) => rowTable(wasm, views, table),
  };
}

function growTo(memory: KernelMemory, sizeBytes: number): void {
  const missing = sizeBytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
}

function viewsOf(whole: ArrayBuffer): Views {
  return {
    whole,
    text: Buffer.from(whole, areas.text, TEXT_BYTES),
    int8: new Int8Array(whole),
    int32: new Int32Array(whole),
    float32: new Float32Array(whole),
  };
}

// ---------------------------------------------------------------- shingles

function shingleSets(wasm: ByteExports, { text: room, int32 }: Views, texts: readonly string[], shingleWords: number): ShingleSets {
  checkShingleWords(shingleWords);
  const offsets = new Float64Array(texts.length + 1);
  const parts: Int32Array[] = [];
  const { text, ends, workspace, scratch, values, setEnds } = areas;
  let total = 0;
  let first = 0;
  let count = 0;
  let size = 0;
  const flush = (): void => {
    if (count === 0) return;
    wasm.shingleSets(text, ends, count, shingleWords, workspace, scratch, values, setEnds);
    for (let i = 0; i < count; i++) offsets[first + i + 1] = total + int32[(setEnds >> 2) + i];
    const held = int32[(setEnds >> 2) + count - 1];
    parts.push(int32.slice(values >> 2, (values >> 2) + held));
    total += held;
    count = 0;
    size = 0;
  };
  for (let i = 0; i < texts.length; i++) {
    let units = texts[i].length;
    if (count === MOST_ITEMS || size + 3 * units > TEXT_BYTES) flush();
    let written = 3 * units > TEXT_BYTES ? -1 : room.write(texts[i], size);
    // As many bytes as units: ASCII, which is normal as it is.
    if (written !== units && written !== -1) {
      const normal = normalizeText(texts[i]);
      units = normal.length;
      if (size + 3 * units > TEXT_BYTES) flush();
      written = 3 * units > TEXT_BYTES ? -1 : room.write(normal, size);
    }
    if (written === -1) {
      flush();
      const set = shingleSetOf(texts[i], shingleWords);
      parts.push(set.slice());
      total += set.length;
      offsets[i + 1] = total;
      continue;
    }
    if (count === 0) first = i;
    size += written;
    int32[(ends >> 2) + count++] = size;
  }
  flush();
  return { values: joined(parts, total), offsets };
}

function joined(parts: readonly Int32Array[], total: number): Int32Array {
  if (parts.length === 1) return parts[0];
  const whole = new Int32Array(total);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

// ---------------------------------------------------------------- sketches

function bandKeys(wasm: ByteExports, { int32 }: Views, { values, offsets }: ShingleSets, plan: SketchPlan): Int32Array {
  checkSketchPlan(plan);
  const { bands, rows, family } = plan;
  const constants = sketchConstants(plan);
  int32.set(constants.numbers, areas.constants >> 2);
  const count = offsets.length - 1;
  const keys = new Int32Array(bands * count);
  const most = Math.min(MOST_ITEMS, Math.floor(KEY_COUNT / bands));
  let keysOfOne: SetKeys | undefined;
  for (let first = 0; first < count;) {
    const start = offsets[first];
    let end = first;
    while (end < count && end - first < most && offsets[end + 1] - start <= VALUE_COUNT) {
      end++;
      int32[(areas.ends >> 2) + end - first - 1] = offsets[end] - start;
    }
    if (end === first) {
      keysOfOne ??= bandKeysOfOne(plan, constants);
      keysOfOne(values, start, offsets[first + 1], keys, first, count);
      first++;
      continue;
    }
    const held = end - first;
    int32.set(values.subarray(start, offsets[end]), areas.values >> 2);
    const number = family === "classic" ? 0 : 1;
    wasm.bandKeys(areas.values, areas.ends, held, bands, rows, number, areas.constants, areas.best, areas.sketch, areas.keys);
    for (let band = 0; band < bands; band++) {
      const from = (areas.keys >> 2) + band * held;
      keys.set(int32.subarray(from, from + held), band * count + first);
    }
    first = end;
  }
  return keys;
}

// ---------------------------------------------------------------- sums of rows

/** Columns that the kernel adds at once. */
const COLUMNS = 32;

function rowTable(wasm: ByteExports, views: () => Views, table: RowTableOptions): RowTable {
  checkRowTable(table);
  const { dimensions, rows, scales } = table;
  const stride = Math.ceil(dimensions / COLUMNS) * COLUMNS;
  // Behind all that is there: other tables stay where they are.
  const scalesAt = wasm.memory.buffer.byteLength;
  const rowsAt = scalesAt + ((4 * scales.length + 63) & ~63);
  growTo(wasm.memory, rowsAt + scales.length * stride + SLACK_BYTES);
  const { int8, float32 } = views();
  float32.set(scales, scalesAt >> 2);
  if (stride === dimensions) int8.set(rows, rowsAt);
  else
    for (let row = 0; row < scales.length; row++) int8.set(rows.subarray(row * dimensions, (row + 1) * dimensions), rowsAt + row * stride);
  return {
    sums: (ids, ends) => {
      checkRowLists(ids, ends, scales.length);
      return sumRows(wasm, views(), { dimensions, stride, rowsAt, scalesAt }, ids, ends);
    },
  };
}

interface PlacedTable {
  readonly dimensions: number;
  readonly stride: number;
  readonly rowsAt: number;
  readonly scalesAt: number;
}

function sumRows(wasm: ByteExports, { int32, float32 }: Views, table: PlacedTable, ids: Int32Array, ends: Int32Array): Float32Array {
  const { dimensions, stride, rowsAt, scalesAt } = table;
  const sums = new Float32Array(ends.length * dimensions);
  const most = Math.min(MOST_ITEMS, Math.max(1, Math.floor(VALUE_COUNT / stride)));
  for (let first = 0; first < ends.length;) {
    const start = first === 0 ? 0 : ends[first - 1];
    let last = first;
    while (last < ends.length && last - first < most && ends[last] - start <= VALUE_COUNT) {
      int32[(areas.ends >> 2) + last - first] = ends[last] - start;
      last++;
    }
    const held = Math.max(1, last - first);
    int32.fill(0, areas.values >> 2, (areas.values >> 2) + held * stride);
    const end = ends[first + held - 1];
    // One list that is too long for the area goes in pieces, each added to what is there.
    for (let piece = start; piece < end; piece += VALUE_COUNT) {
      const pieceEnd = Math.min(end, piece + VALUE_COUNT);
      if (last === first) int32[areas.ends >> 2] = pieceEnd - piece;
      int32.set(ids.subarray(piece, pieceEnd), areas.scratch >> 2);
      wasm.rowSums(rowsAt, scalesAt, stride, areas.scratch, areas.ends, held, areas.values);
    }
    for (let list = first; list < first + held; list++) {
      const from = (areas.values >> 2) + (list - first) * stride;
      sums.set(float32.subarray(from, from + dimensions), list * dimensions);
    }
    first += held;
  }
  return sums;
}

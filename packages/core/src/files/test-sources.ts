import type { ByteSource, FileKind, FileNote, FileReadOptions, FileRecord } from "../schema/file-kind.ts";
import type { Json } from "../schema/json.ts";
import { streamSource } from "./source.ts";

/** Bytes as a file that can be opened again, handed out in chunks of `chunkBytes`. */
export function bytesSource(bytes: Uint8Array | string, chunkBytes = 1 << 20, name = "test"): ByteSource {
  const whole = Buffer.from(bytes);
  return {
    name,
    sizeBytes: whole.length,
    rewindable: true,
    head: (sizeBytes) => Promise.resolve(whole.subarray(0, sizeBytes)),
    open: () => chunksOf(whole, chunkBytes),
    slice: (start, end) => Promise.resolve(whole.subarray(start, end)),
  };
}

/** The same bytes as a pipe. */
export function pipeSource(bytes: Uint8Array | string, chunkBytes = 1 << 20): ByteSource {
  return streamSource("standard input", chunksOf(Buffer.from(bytes), chunkBytes));
}

/** Everything a kind reads out of a source. */
export interface Everything {
  readonly values: readonly Json[];
  readonly problems: readonly string[];
  readonly records: readonly FileRecord[];
  readonly notes: readonly FileNote[];
  readonly encodings: readonly string[];
}

export async function readEverything(kind: FileKind, source: ByteSource, options: FileReadOptions = {}): Promise<Everything> {
  const records: FileRecord[] = [];
  const notes: FileNote[] = [];
  for await (const batch of kind.read(source, { ...options, note: (note) => notes.push(note) })) records.push(...batch.records);
  return {
    records,
    notes,
    values: records.flatMap((record) => ("problem" in record ? [] : [record.value])),
    problems: records.flatMap((record) => ("problem" in record ? [record.problem] : [])),
    encodings: notes.filter((note) => note.what === "encoding").map((note) => note.value),
  };
}

/** All bytes of a stream in one piece. */
export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const kept: Uint8Array[] = [];
  for await (const chunk of chunks) kept.push(chunk);
  return Buffer.concat(kept);
}

export async function* streamOf<Item>(items: readonly Item[]): AsyncIterable<Item> {
  await Promise.resolve();
  yield* items;
}

async function* chunksOf(bytes: Buffer, chunkBytes: number): AsyncIterable<Uint8Array> {
  await Promise.resolve();
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

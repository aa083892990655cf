import type { FileBatch, FileRecord } from "../schema/file-kind.ts";
import { damageOf, isDamaged } from "./damage.ts";
import type { Progress } from "./encoding.ts";

/** Takes one record and the bytes it stood in. */
export type RecordSink = (record: FileRecord, sizeBytes: number) => void;

/** Turns bytes, cut anywhere, into records; `end` hands over what is left. */
export interface RecordReader {
  push(bytes: Buffer): void;
  end(): void;
  /** Where the reading stands when no further bytes can be had; nothing where it was given up before. */
  unfinished(): Unfinished | undefined;
}

/** The place after the last whole record, with the start of the one that is cut. */
export interface Unfinished {
  readonly line: number;
  readonly raw: string;
}

const batchRecords = 1000;
const batchBytes = 1 << 20;

/**
 * Gathers what a reader finds into batches of up to 1,000 records or 1 MB of text. Damaged bytes become one problem at the end: what was
 * read before stays.
 */
export async function* inBatches(
  chunks: AsyncIterable<Buffer>,
  progress: Progress,
  open: (sink: RecordSink) => RecordReader,
): AsyncIterable<FileBatch> {
  let records: FileRecord[] = [];
  let sizeBytes = 0;
  let count = 0;
  const ready: FileBatch[] = [];
  const close = (): void => {
    if (records.length > 0) ready.push({ records, bytesRead: progress.bytesRead });
    records = [];
    sizeBytes = 0;
  };
  const reader = open((record, recordBytes) => {
    records.push(record);
    sizeBytes += recordBytes;
    count++;
    if (records.length >= batchRecords || sizeBytes >= batchBytes) close();
  });
  try {
    for await (const bytes of chunks) {
      reader.push(bytes);
      yield* ready.splice(0);
    }
    reader.end();
  } catch (error) {
    if (!isDamaged(error)) throw error;
    const unfinished = reader.unfinished();
    if (unfinished !== undefined) records.push(cutRecord(damageOf(error), count, unfinished));
  }
  close();
  yield* ready;
}

function cutRecord(damage: string, count: number, { line, raw }: Unfinished): FileRecord {
  const before = `${count.toLocaleString("en-US")} ${count === 1 ? "row" : "rows"}`;
  const problem = `${damage} after ${before}: line ${line} and what follows cannot be read`;
  return raw === "" ? { problem, line } : { problem, line, raw };
}

/** How much of a refused record is kept. */
export const rawBytes = 64 * 1024;

/** The start of a refused record's text for the list of refused rows: at most 64 kB, cut between characters. */
export function rawText(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(0, rawBytes), { stream: bytes.length > rawBytes });
}

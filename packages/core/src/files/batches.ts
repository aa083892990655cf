import type { FileBatch, FileRecord } from "../schema/file-kind.ts";
import type { Progress } from "./encoding.ts";

/** Takes one record and the bytes it stood in. */
export type RecordSink = (record: FileRecord, sizeBytes: number) => void;

/** Turns bytes, cut anywhere, into records; `end` hands over what is left. */
export interface RecordReader {
  push(bytes: Buffer): void;
  end(): void;
}

const batchRecords = 1000;
const batchBytes = 1 << 20;

/** Gathers what a reader finds into batches of up to 1,000 records or 1 MB of text. */
export async function* inBatches(
  chunks: AsyncIterable<Buffer>,
  progress: Progress,
  open: (sink: RecordSink) => RecordReader,
): AsyncIterable<FileBatch> {
  let records: FileRecord[] = [];
  let sizeBytes = 0;
  const ready: FileBatch[] = [];
  const close = (): void => {
    if (records.length > 0) ready.push({ records, bytesRead: progress.bytesRead });
    records = [];
    sizeBytes = 0;
  };
  const reader = open((record, recordBytes) => {
    records.push(record);
    sizeBytes += recordBytes;
    if (records.length >= batchRecords || sizeBytes >= batchBytes) close();
  });
  for await (const bytes of chunks) {
    reader.push(bytes);
    yield* ready.splice(0);
  }
  reader.end();
  close();
  yield* ready;
}

/** How much of a refused record is kept. */
export const rawBytes = 64 * 1024;

/** The start of a refused record's text for the list of refused rows: at most 64 kB, cut between characters. */
export function rawText(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(0, rawBytes), { stream: bytes.length > rawBytes });
}

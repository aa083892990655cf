import type { ByteSource, FileBatch, FileKind, FileReadOptions } from "../schema/file-kind.ts";
import type { Json } from "../schema/json.ts";
import { inBatches, rawBytes, rawText } from "./batches.ts";
import type { RecordReader, RecordSink } from "./batches.ts";
import { utf8Chunks } from "./encoding.ts";
import { growingBytes } from "./growing-bytes.ts";
import { lineShape } from "./json-layout.ts";
import { jsonRecord, recordLimitBytes } from "./json-record.ts";
import { jsonText, textBytes } from "./json-write.ts";

/**
 * JSON Lines: one value a line. CRLF is accepted and blank lines are skipped; a line that is not JSON is a problem, never the end.
 *
 * Written without a byte order mark or blank lines, each line ending in `\n`, keys in the order given.
 */
export const jsonl: FileKind = { name: "jsonl", extension: "jsonl", detect, read, write };

function detect(head: string): string | undefined {
  const shape = lineShape(head);
  // The name decides whether a line that is longer than what is looked at is the first of many or the whole text.
  if (shape.values + shape.others === 0 && head.length > longLine && /^\s*\{/.test(head))
    return "it begins with a long line, a JSON object";
  if (shape.values === 0) return undefined;
  if (shape.values === 1 && shape.others === 0) return "its only line is a JSON object";
  return shape.areLines ? `${shape.values} of its first ${shape.values + shape.others} lines are JSON objects` : undefined;
}

const longLine = 16 * 1024;

async function* read(source: ByteSource, options: FileReadOptions): AsyncIterable<FileBatch> {
  const progress = { bytesRead: 0 };
  yield* inBatches(utf8Chunks(source, options, progress), progress, lineReader);
}

async function* write(rows: AsyncIterable<Json>): AsyncIterable<Uint8Array> {
  yield* textBytes(lines(rows));
}

async function* lines(rows: AsyncIterable<Json>): AsyncIterable<string> {
  for await (const row of rows) yield `${jsonText(row)}\n`;
}

const newline = 0x0a;

function lineReader(sink: RecordSink): RecordReader {
  let line = 0;
  /** The start of a line whose end has not come yet. */
  const begun = growingBytes(recordLimitBytes);

  const readLine = (bytes: Buffer, from: number, end: number): void => {
    line++;
    if (isBlank(bytes, from, end)) return;
    const raw = (): string => rawText(bytes.subarray(from, end));
    sink(jsonRecord(bytes.toString("utf8", from, end), line, `line ${line}`, raw), end - from);
  };
  const readBegun = (): void => {
    if (begun.isFull()) {
      line++;
      sink({ problem: `line ${line} is longer than 64 MB`, line, raw: rawText(begun.start(rawBytes)) }, rawBytes);
    } else readLine(begun.start(begun.size()), 0, begun.size());
    begun.clear();
  };

  return {
    push(bytes) {
      let from = 0;
      for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, from)) {
        if (begun.size() === 0) readLine(bytes, from, end);
        else {
          begun.add(bytes.subarray(from, end));
          readBegun();
        }
        from = end + 1;
      }
      if (from < bytes.length) begun.add(bytes.subarray(from));
    },
    end() {
      if (begun.size() > 0) readBegun();
    },
    unfinished: () => ({ line: line + 1, raw: rawText(begun.start(rawBytes)) }),
  };
}

function isBlank(bytes: Buffer, from: number, end: number): boolean {
  for (let at = from; at < end; at++) {
    const byte = bytes[at];
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return false;
  }
  return true;
}

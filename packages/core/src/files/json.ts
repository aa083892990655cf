import type { ByteSource, FileBatch, FileKind, FileReadOptions, FileWriteOptions } from "../schema/file-kind.ts";
import type { Json } from "../schema/json.ts";
import { inBatches } from "./batches.ts";
import { decodeHead, utf8Chunks } from "./encoding.ts";
import { ElementReader } from "./json-elements.ts";
import { jsonLayout, lineShape } from "./json-layout.ts";
import type { JsonLayout } from "./json-layout.ts";
import { jsonText, prettyText, textBytes } from "./json-write.ts";
import { jsonl } from "./jsonl.ts";

/**
 * One JSON text: an array of rows; an object with the rows under `data`, `examples`, `rows`, `items`, `samples` or `messages`; a map of
 * labels to arrays, where each record carries its label as `group`; or one row. JSON Lines under this name are read as lines.
 *
 * Written as an array with a row a line, or as the pretty envelope with the rows inside.
 */
export const json: FileKind = { name: "json", extension: "json", detect, read, write };

function detect(head: string): string | undefined {
  const start = head.trimStart();
  if (!/^(?:\[[ \t\r\n]*["[\]{tfn\d-]|\{[ \t\r\n]*["}])/.test(start)) return undefined;
  if (lineShape(head).areLines) return undefined;
  return start.startsWith("[") ? "it begins with a JSON array" : "it begins with a JSON object";
}

/** Enough to see the layout of nearly every file, also of one with long rows. */
const sniffedBytes = 1 << 20;

async function* read(source: ByteSource, options: FileReadOptions): AsyncIterable<FileBatch> {
  const layout = jsonLayout(decodeHead(await source.head(sniffedBytes), options.encoding));
  options.note?.({ what: "layout", value: layout.kind, message: layoutMessage(layout) });
  if (layout.kind === "lines") {
    yield* jsonl.read(source, options);
    return;
  }
  const progress = { bytesRead: 0 };
  yield* inBatches(utf8Chunks(source, options, progress), progress, (sink) => new ElementReader(layout, sink));
}

function layoutMessage(layout: JsonLayout): string {
  switch (layout.kind) {
    case "lines":
      return "Read as JSON Lines: one value a line.";
    case "array":
      return "Read as an array of rows.";
    case "groups":
      return "Read as a map of labels to rows.";
    case "members":
      return layout.names.size === 0 ? "Read as one row." : `Read as an object with rows under ${[...layout.names].join(", ")}.`;
  }
}

async function* write(rows: AsyncIterable<Json>, options: FileWriteOptions): AsyncIterable<Uint8Array> {
  yield* textBytes(options.envelope === undefined ? arrayText(rows, "", "  ") : envelopeText(rows, options.envelope));
}

async function* arrayText(rows: AsyncIterable<Json>, indent: string, rowIndent: string): AsyncIterable<string> {
  let first = true;
  for await (const row of rows) {
    yield `${first ? "[" : ","}\n${rowIndent}${jsonText(row)}`;
    first = false;
  }
  yield first ? "[]" : `\n${indent}]`;
  if (indent === "") yield "\n";
}

async function* envelopeText(rows: AsyncIterable<Json>, envelope: NonNullable<FileWriteOptions["envelope"]>): AsyncIterable<string> {
  yield "{\n";
  for (const [name, value] of Object.entries(envelope.members)) {
    yield `  ${jsonText(name)}: ${prettyText(value).replaceAll("\n", "\n  ")},\n`;
  }
  yield `  ${jsonText(envelope.rowsKey)}: `;
  yield* arrayText(rows, "  ", "    ");
  yield "\n}\n";
}

import type { Json } from "./json.ts";

/** Names of the byte layouts of room `files/`; a format names the one it is written in. */
export type FileKindName = "jsonl" | "json" | "csv" | "tsv" | "parquet";

/** True for layouts whose values are all text: whoever reads their rows has to look into the cells. */
export function isTextTable(name: FileKindName): boolean {
  return name === "csv" || name === "tsv";
}

/** Where bytes come from: a file can be opened again, a pipe cannot. */
export interface ByteSource {
  /** What messages call it: the path as it was given, or `standard input`. */
  readonly name: string;
  /** As it lies there, packed where it is packed: what `bytesRead` runs up to. */
  readonly sizeBytes?: number;
  readonly rewindable: boolean;
  /** What the bytes are packed with, where this source unpacks them. */
  readonly packing?: Packing;
  /** The first bytes, at most `sizeBytes` of them, without taking them away from `open`: this is how layout and encoding are found. */
  head(sizeBytes: number): Promise<Uint8Array>;
  /**
   * All bytes from the start. A chunk belongs to the receiver. A source that is not rewindable opens once.
   *
   * Bytes that end before they should end in an `input/damaged`, after all that can be had.
   */
  open(listeners?: SourceListeners): AsyncIterable<Uint8Array>;
  /** The bytes as they lie there from `start` to before `end`; only of a source any place of which can be read by itself. */
  readonly slice?: (start: number, end: number) => Promise<Uint8Array>;
}

/** Packings that are undone while a file is read. */
export type Packing = "gzip" | "zstd";

/** Who wraps a source passes these on. */
export interface SourceListeners {
  /** Told what the source decided: that it unpacks, that it leaves out what was added meanwhile. */
  readonly note?: (note: FileNote) => void;
  /** Told how many bytes are used up as they lie there, where that differs from the bytes handed out: packed ones. */
  readonly consumed?: (bytes: number) => void;
}

/** One record of a file, or the reason why there is none at that place. */
export type FileRecord =
  | {
      readonly value: Json;
      /** Where the record begins, counted in physical lines from 1. */
      readonly line: number;
      /** The key of the array the record stood in, where a file maps labels to arrays: `{"PlayMusic": [...]}`. */
      readonly group?: string;
    }
  | {
      /** One sentence without the record's content. */
      readonly problem: string;
      readonly line: number;
      /** The text as it stood, cut at 64 kB, for the list of refused rows. */
      readonly raw?: string;
    };

/** Records in file order with the bytes consumed so far (packed ones where the file is packed), so that progress can be shown. */
export interface FileBatch {
  readonly records: readonly FileRecord[];
  readonly bytesRead: number;
}

export interface FileReadOptions {
  /** A WHATWG encoding label; absent = found out. */
  readonly encoding?: string;
  /** The first row holds data, not names; columns are then `column_1`, `column_2` … Only layouts with columns look at it. */
  readonly headless?: boolean;
  /** Called for each thing the reader found out or decided: encoding and first byte that is not UTF-8, delimiter, where the rows lie. */
  readonly note?: (note: FileNote) => void;
  readonly signal?: AbortSignal;
}

/** Something the reader decided about a file, in one sentence a person can check. */
export interface FileNote {
  readonly what: "encoding" | "layout" | "packing" | "size";
  readonly value: string;
  readonly message: string;
}

/**
 * What a column holds, for layouts whose columns have types: `time` is an ISO 8601 text in rows, `json` any value.
 *
 * Every value may be absent.
 */
export type CellType =
  | "string"
  | "bool"
  | "i32"
  | "f64"
  | "time"
  | "json"
  | { readonly list: CellType }
  | { readonly struct: Readonly<Record<string, CellType>> };

export interface FileWriteOptions {
  /** Column order where the layout has columns; absent = in order of first appearance in the first row. */
  readonly columns?: readonly string[];
  /** Types of the columns where the layout has types; absent = told by the first rows. */
  readonly columnTypes?: Readonly<Record<string, CellType>>;
  /** Objects around the rows for the `json` layout: `{ ...envelope, [rowsKey]: [...] }`. */
  readonly envelope?: { readonly members: Readonly<Record<string, Json>>; readonly rowsKey: string };
  /**
   * Puts an apostrophe before a cell that a spreadsheet would run as a formula. It changes bytes, so receipts declare it.
   *
   * @defaultValue true
   */
  readonly escapeFormulas?: boolean;
}

/** Rows <-> bytes, streaming both ways with constant memory. */
export interface FileKind {
  readonly name: FileKindName;
  /** Without the dot. */
  readonly extension: string;
  /** What every file of a kind that is no text begins with, in ASCII. */
  readonly mark?: string;
  /** True where reading begins at the end: a pipe will not do, see {@link ByteSource.slice}. */
  readonly randomAccess?: true;
  /** Says why the bytes look like this kind, or nothing. `head` is the start of the file, at most 64 kB, already decoded. */
  detect(head: string): string | undefined;
  read(source: ByteSource, options: FileReadOptions): AsyncIterable<FileBatch>;
  write(rows: AsyncIterable<Json>, options: FileWriteOptions): AsyncIterable<Uint8Array>;
}

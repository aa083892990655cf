import { isUtf8 } from "node:buffer";
import { TextDecoder } from "node:util";
import { TilthError } from "../errors.ts";
import { isDamaged } from "./damage.ts";
import type { ByteSource, FileReadOptions } from "../schema/file-kind.ts";
import { cesuPairAt, firstFault, unfinishedTail } from "./utf8.ts";

/** What has been taken from a source so far; the reader that owns it puts it into its batches. */
export interface Progress {
  bytesRead: number;
}

/**
 * The bytes of a text source as UTF-8 without a byte order mark, whatever it was written in: the way every text layout reads.
 *
 * In this order: `options.encoding`; a byte order mark; UTF-16 by its NULs; UTF-8; UTF-8 with characters above U+FFFF written as two
 * surrogates (CESU-8), each read as its character; windows-1252. A file is decided before its first byte leaves (one pass more, near the
 * speed of memory), a pipe at its first fault. Valid UTF-8 is handed on without a copy. Chunks are at most 1 MB and may end inside a
 * character.
 *
 * @throws {@link TilthError} `input/invalid` for an encoding nobody knows.
 */
export async function* utf8Chunks(
  source: ByteSource,
  options: FileReadOptions,
  progress: Progress = { bytesRead: 0 },
): AsyncIterable<Buffer> {
  const known = knownEncoding(await source.head(headBytes), options.encoding);
  const chunks = (): AsyncIterable<Buffer> => pieces(source, options, progress);
  const say = (value: string, message: string): void => options.note?.({ what: "encoding", value, message });

  if (known !== undefined && known.label !== "utf-8") {
    say(known.label, `Read as ${known.label}: ${known.reason}.`);
    yield* transcode(chunks(), known.label);
    return;
  }
  const lenient = known !== undefined;
  const survey = source.rewindable ? await surveyUtf8(source, options) : undefined;
  if (survey !== undefined && survey.firstFault === undefined) yield* withoutMark(chunks());
  else if (survey !== undefined && !survey.onlyPairs && !lenient) {
    say("windows-1252", `Read as windows-1252: byte ${survey.firstFault} is not UTF-8.`);
    yield* transcode(chunks(), "windows-1252");
  } else yield* withoutMark(repair(chunks(), lenient, say));
}

/** The text of a source in chunks that never end inside a character; encodings as in {@link utf8Chunks}. */
export async function* textChunks(source: ByteSource, options: FileReadOptions, progress?: Progress): AsyncIterable<string> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  for await (const bytes of utf8Chunks(source, options, progress)) {
    const text = decoder.decode(bytes, { stream: true });
    if (text !== "") yield text;
  }
}

/** The start of a source as text, good enough to recognise a layout by; a character cut at the end is left out. */
export function decodeHead(head: Uint8Array, encoding?: string): string {
  const known = knownEncoding(head, encoding);
  if (known !== undefined) return new TextDecoder(known.label).decode(head, { stream: true });
  const whole = head.subarray(0, head.length - unfinishedTail(head));
  return new TextDecoder(isUtf8(whole) ? "utf-8" : "windows-1252").decode(whole);
}

const utf8Mark = Buffer.from([0xef, 0xbb, 0xbf]);
const headBytes = 4096;
const pieceBytes = 1 << 20;

interface KnownEncoding {
  readonly label: string;
  readonly reason: string;
}

function knownEncoding(head: Uint8Array, label: string | undefined): KnownEncoding | undefined {
  if (label !== undefined) return { label: canonicalLabel(label), reason: "as asked for" };
  if (utf8Mark.equals(head.subarray(0, utf8Mark.length))) return { label: "utf-8", reason: "it begins with a byte order mark" };
  if (head[0] === 0xff && head[1] === 0xfe) return { label: "utf-16le", reason: "it begins with a byte order mark" };
  if (head[0] === 0xfe && head[1] === 0xff) return { label: "utf-16be", reason: "it begins with a byte order mark" };
  const order = utf16Order(head.subarray(0, headBytes));
  return order === undefined ? undefined : { label: order, reason: "every other byte of its start is zero" };
}

function canonicalLabel(label: string): string {
  try {
    return new TextDecoder(label).encoding;
  } catch (error) {
    throw new TilthError("input/invalid", { where: "encoding", problem: `${label} is not an encoding known here` }, { cause: error });
  }
}

/** ASCII makes up a good part of every JSON or CSV file, and in UTF-16 it has a zero on one side and never on the other. */
function utf16Order(head: Uint8Array): "utf-16le" | "utf-16be" | undefined {
  const pairs = head.length >> 1;
  const zeros = [0, 0];
  for (let at = 0; at < pairs * 2; at++) if (head[at] === 0) zeros[at & 1] = (zeros[at & 1] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  if (pairs === 0) return undefined;
  if (odd / pairs >= 0.3 && even / pairs < 0.05) return "utf-16le";
  if (even / pairs >= 0.3 && odd / pairs < 0.05) return "utf-16be";
  return undefined;
}

async function* pieces(source: ByteSource, options: FileReadOptions, progress: Progress): AsyncIterable<Buffer> {
  let consumedBytes: number | undefined;
  const consumed = (bytes: number): number => (consumedBytes = bytes);
  for await (const chunk of source.open({ consumed, ...(options.note === undefined ? {} : { note: options.note }) })) {
    options.signal?.throwIfAborted();
    for (let from = 0; from < chunk.length; from += pieceBytes) {
      const size = Math.min(pieceBytes, chunk.length - from);
      progress.bytesRead = consumedBytes ?? progress.bytesRead + size;
      yield Buffer.from(chunk.buffer, chunk.byteOffset + from, size);
    }
  }
  progress.bytesRead = consumedBytes ?? progress.bytesRead;
}

async function* withoutMark(chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  let start: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (start === undefined) {
      yield chunk;
      continue;
    }
    start = start.length === 0 ? chunk : Buffer.concat([start, chunk]);
    const same = start.subarray(0, utf8Mark.length).equals(utf8Mark.subarray(0, start.length));
    if (same && start.length < utf8Mark.length) continue;
    yield same ? start.subarray(utf8Mark.length) : start;
    start = undefined;
  }
  if (start !== undefined && start.length > 0) yield start;
}

async function* transcode(chunks: AsyncIterable<Buffer>, label: string): AsyncIterable<Buffer> {
  const decoder = new TextDecoder(label);
  for await (const chunk of chunks) {
    const text = decoder.decode(chunk, { stream: true });
    if (text !== "") yield Buffer.from(text, "utf8");
  }
  const rest = decoder.decode();
  if (rest !== "") yield Buffer.from(rest, "utf8");
}

interface Utf8Survey {
  readonly firstFault: number | undefined;
  /** True while every fault is a character written as two surrogates. */
  readonly onlyPairs: boolean;
}

async function surveyUtf8(source: ByteSource, { signal }: FileReadOptions): Promise<Utf8Survey> {
  let first: number | undefined;
  let base = 0;
  try {
    // Whoever is told what the source decides is told when the bytes are read, not here.
    for await (const bytes of wholeCharacters(pieces(source, signal === undefined ? {} : { signal }, { bytesRead: 0 }))) {
      if (!isUtf8(bytes)) {
        for (let at = firstFault(bytes, 0); at < bytes.length; at = firstFault(bytes, at + 6)) {
          first ??= base + at;
          if (cesuPairAt(bytes, at) === undefined) return { firstFault: first, onlyPairs: false };
        }
      }
      base += bytes.length;
    }
  } catch (error) {
    // The reading itself will come to the same place and say it.
    if (!isDamaged(error)) throw error;
  }
  return { firstFault: first, onlyPairs: true };
}

/** Cuts chunks where a character ends, so that each can be judged alone. */
async function* wholeCharacters(chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  let begun: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = begun.length === 0 ? chunk : Buffer.concat([begun, chunk]);
    const end = bytes.length - unfinishedTail(bytes);
    begun = Buffer.from(bytes.subarray(end));
    if (end > 0) yield bytes.subarray(0, end);
  }
  if (begun.length > 0) yield begun;
}

type Say = (value: string, message: string) => void;

/**
 * Reads surrogate pairs as their characters. At any other fault a `lenient` stream (its encoding is known) puts U+FFFD, another one turns
 * to windows-1252 for good.
 */
async function* repair(chunks: AsyncIterable<Buffer>, lenient: boolean, say: Say): AsyncIterable<Buffer> {
  let base = 0;
  const seen = { pairs: 0, firstPair: 0, replaced: 0, firstReplaced: 0 };
  let fallback: TextDecoder | undefined;
  for await (const bytes of wholeCharacters(chunks)) {
    let at = 0;
    while (fallback === undefined && at < bytes.length) {
      const fault = at === 0 && isUtf8(bytes) ? bytes.length : firstFault(bytes, at);
      if (fault > at) yield bytes.subarray(at, fault);
      at = fault;
      if (fault === bytes.length) break;
      const pair = cesuPairAt(bytes, fault);
      if (pair !== undefined) {
        if (seen.pairs++ === 0) seen.firstPair = base + fault;
        yield Buffer.from(pair, "utf8");
        at += 6;
      } else if (lenient) {
        if (seen.replaced++ === 0) seen.firstReplaced = base + fault;
        yield Buffer.from("\ufffd", "utf8");
        do at++;
        while (((bytes[at] ?? 0) & 0xc0) === 0x80);
      } else {
        say("windows-1252", `Read as windows-1252 from byte ${base + fault} on, the first that is not UTF-8.`);
        fallback = new TextDecoder("windows-1252");
      }
    }
    if (fallback !== undefined && at < bytes.length) yield Buffer.from(fallback.decode(bytes.subarray(at), { stream: true }), "utf8");
    base += bytes.length;
  }
  if (seen.pairs > 0)
    say("cesu-8", `Read as UTF-8: ${count(seen.pairs, "character")} written as two surrogates, the first at byte ${seen.firstPair}.`);
  if (seen.replaced > 0)
    say("utf-8", `Read as UTF-8: ${count(seen.replaced, "place")} replaced by U+FFFD, the first at byte ${seen.firstReplaced}.`);
}

function count(amount: number, noun: string): string {
  return amount === 1 ? `1 ${noun} is` : `${amount} ${noun}s are`;
}

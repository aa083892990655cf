import { TilthError } from "../errors.ts";
import type { ByteSource, Packing, SourceListeners } from "../schema/file-kind.ts";
import { damaged } from "./damage.ts";
import { packingHeadBytes, packingOf, refuseArchive } from "./packing.ts";
import { firstBytes, streamSource } from "./source.ts";
import { openUnpacker } from "./unpacker.ts";
import type { Unpacker } from "./unpacker.ts";

export interface UnpackOptions {
  /**
   * The most a source may unpack to, in bytes.
   *
   * @defaultValue 1 TB
   */
  readonly limitBytes?: number;
}

/**
 * A source whose bytes are unpacked while they are read, if they are gzip or zstd, told by their first bytes and never by the name; any
 * other source comes back as it is. Whoever opens a path does this first, then everything below works as on a plain file.
 *
 * Several members or frames in a row are one text. `consumed` counts packed bytes. Where packed bytes are cut off or damaged, or unpack to
 * more than 1,000 times their size beyond the first 10 MB, all that came before is handed out first, then an `input/damaged` is thrown.
 * Memory is constant.
 *
 * @throws {@link TilthError} `input/archive` for what has to be unpacked by hand, `input/damaged` where not even a start can be unpacked.
 */
export async function unpackedSource(source: ByteSource, options: UnpackOptions = {}): Promise<ByteSource> {
  if (source.packing !== undefined) return source;
  const head = await source.head(packingHeadBytes);
  refuseArchive(source, head);
  const packing = packingOf(head);
  if (packing === undefined) return source;
  const limitBytes = options.limitBytes ?? defaultLimitBytes;
  const unpacked = source.rewindable ? unpackedAgain(source, packing, limitBytes) : unpackedOnce(source, packing, limitBytes);
  const inside = await unpacked.head(packingHeadBytes);
  refuseArchive(source, inside);
  const inner = packingOf(inside);
  if (inner === undefined) return unpacked;
  throw new TilthError("input/archive", { path: source.name, what: `${inner} inside of ${packing}`, how: "`gunzip` or `unzstd` once" });
}

const defaultLimitBytes = 1e12;
const freeBytes = 10_000_000;
const ratioLimit = 1000;

function unpackedAgain(source: ByteSource, packing: Packing, limitBytes: number): ByteSource {
  return {
    name: source.name,
    ...(source.sizeBytes === undefined ? {} : { sizeBytes: source.sizeBytes }),
    rewindable: true,
    packing,
    head: (sizeBytes) => firstBytes(unpackedChunks(source, packing, limitBytes, {}), sizeBytes),
    async *open(listeners = {}) {
      sayPacking(packing, listeners);
      yield* unpackedChunks(source, packing, limitBytes, listeners);
    },
  };
}

/** What `head` looked at was consumed before anybody listened: it is told with the first chunk. */
function unpackedOnce(source: ByteSource, packing: Packing, limitBytes: number): ByteSource {
  let consumedBytes = 0;
  const consumed = (bytes: number): number => (consumedBytes = bytes);
  const stream = streamSource(source.name, unpackedChunks(source, packing, limitBytes, { consumed }));
  return {
    ...stream,
    packing,
    async *open(listeners = {}) {
      sayPacking(packing, listeners);
      for await (const chunk of stream.open()) {
        listeners.consumed?.(consumedBytes);
        yield chunk;
      }
      listeners.consumed?.(consumedBytes);
    },
  };
}

function sayPacking(packing: Packing, { note }: SourceListeners): void {
  note?.({ what: "packing", value: packing, message: `Unpacked ${packing}.` });
}

async function* unpackedChunks(
  source: ByteSource,
  packing: Packing,
  limitBytes: number,
  { consumed, ...listeners }: SourceListeners,
): AsyncIterable<Buffer> {
  let givenBytes = 0;
  let packedBytes = 0;
  let unpackedBytes = 0;
  let unpacker: Unpacker | undefined;
  try {
    for await (const piece of pieces(source.open(listeners))) {
      let rest = piece;
      givenBytes += piece.length;
      for (;;) {
        // What follows a member may be another one, or zeros that fill it up to the size of a block.
        if (unpacker === undefined) rest = withoutZeros(rest);
        if (rest.length === 0) break;
        unpacker ??= openUnpacker(packing, source.name);
        const before = packedBytes - unpacker.usedBytes();
        for await (const chunk of unpacker.feed(rest)) {
          unpackedBytes += chunk.length;
          const usedBytes = before + unpacker.usedBytes();
          consumed?.(usedBytes);
          yield chunk;
          refuseBomb(source.name, usedBytes, unpackedBytes, limitBytes);
        }
        rest = rest.subarray(before + unpacker.usedBytes() - packedBytes);
        packedBytes = before + unpacker.usedBytes();
        if (rest.length === 0) break;
        unpacker.close();
        unpacker = undefined;
      }
    }
    if (unpacker !== undefined) {
      for await (const chunk of unpacker.end()) yield chunk;
    }
    consumed?.(givenBytes);
  } finally {
    unpacker?.close();
  }
}

function refuseBomb(path: string, packedBytes: number, unpackedBytes: number, limitBytes: number): void {
  if (unpackedBytes > limitBytes) throw damaged(path, `it unpacks to more than ${limitBytes.toLocaleString("en-US")} bytes`);
  if (unpackedBytes > freeBytes && unpackedBytes > ratioLimit * packedBytes) {
    throw damaged(path, `it unpacks to more than ${ratioLimit.toLocaleString("en-US")} times its size`);
  }
}

/**
 * What an unpacker makes of a piece is lost where that piece is damaged: pieces grow with what was read, so that is at most a sixteenth of
 * it and never more than 256 kB of packed bytes.
 */
async function* pieces(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Buffer> {
  let given = 0;
  for await (const chunk of chunks) {
    for (let from = 0; from < chunk.length;) {
      const end = Math.min(chunk.length, from + Math.min(256 * 1024, Math.max(1024, given >> 4)));
      given += end - from;
      yield Buffer.from(chunk.buffer, chunk.byteOffset + from, end - from);
      from = end;
    }
  }
}

function withoutZeros(bytes: Buffer): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  return start === -1 ? bytes.subarray(bytes.length) : bytes.subarray(start);
}

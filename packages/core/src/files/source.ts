import { constants } from "node:fs";
import type { Stats } from "node:fs";
import { access, open, stat } from "node:fs/promises";
import { TilthError } from "../errors.ts";
import type { ByteSource, SourceListeners } from "../schema/file-kind.ts";
import { damaged, isDamaged } from "./damage.ts";

/**
 * A file on disk as a source of bytes; a named pipe becomes one that can be read once.
 *
 * A file is read up to the size it has now: what is added meanwhile is left out and said, and a file that became shorter is damaged.
 *
 * @throws {@link TilthError} `input/not-found`, `input/is-directory`, `input/not-a-file` or `input/unreadable`.
 */
export async function fileSource(path: string): Promise<ByteSource> {
  try {
    const facts = await stat(path);
    if (facts.isDirectory()) throw new TilthError("input/is-directory", { path });
    if (!facts.isFile() && !facts.isFIFO()) throw new TilthError("input/not-a-file", { path, what: strangeKind(facts) });
    await access(path, constants.R_OK);
    if (facts.isFIFO()) return streamSource(path, chunksOf(path, Infinity));
    return {
      name: path,
      sizeBytes: facts.size,
      rewindable: true,
      head: (sizeBytes) => firstBytes(chunksOf(path, Math.min(sizeBytes, facts.size)), sizeBytes),
      open: (listeners) => chunksOf(path, facts.size, listeners),
      slice: (start, end) => sliceOf(path, start, end),
    };
  } catch (error) {
    throw readError(path, error);
  }
}

/** The bytes that are piped into this process; they are read once. */
export function standardInput(): ByteSource {
  return streamSource("standard input", inputChunks());
}

async function* inputChunks(): AsyncIterable<Uint8Array> {
  // Touching it opens it: not before somebody reads.
  const input: AsyncIterable<unknown> = process.stdin;
  for await (const chunk of input) {
    if (chunk instanceof Uint8Array) yield chunk;
    else if (typeof chunk === "string") yield Buffer.from(chunk, "utf8");
  }
}

/**
 * A stream as a source of bytes. What `head` looks at is kept until `open` hands it on, so a pipe loses nothing, also where it is damaged
 * behind that.
 *
 * Whatever turns bytes into bytes (decompression) wraps a source this way, or file-like where its own source can rewind.
 *
 * @throws {@link TilthError} `input/read-once` from `head` and `open` once it has been opened.
 */
export function streamSource(name: string, chunks: AsyncIterable<Uint8Array>): ByteSource {
  const iterator = chunks[Symbol.asyncIterator]();
  const kept: Uint8Array[] = [];
  let ended = false;
  let opened = false;
  let damage: Error | undefined;
  const refuseSecond = (): void => {
    if (opened) throw new TilthError("input/read-once", { path: name });
  };

  async function head(sizeBytes: number): Promise<Uint8Array> {
    refuseSecond();
    try {
      while (!ended && total(kept) < sizeBytes) {
        const next = await iterator.next();
        if (next.done === true) ended = true;
        else kept.push(next.value);
      }
    } catch (error) {
      if (!isDamaged(error) || kept.length === 0) throw error;
      ended = true;
      damage = error;
    }
    return Buffer.concat(kept).subarray(0, sizeBytes);
  }

  async function* openOnce(): AsyncIterable<Uint8Array> {
    refuseSecond();
    opened = true;
    try {
      for (let chunk = kept.shift(); chunk !== undefined; chunk = kept.shift()) yield chunk;
      while (!ended) {
        const next = await iterator.next();
        if (next.done === true) ended = true;
        else yield next.value;
      }
      if (damage !== undefined) throw damage;
    } finally {
      if (!ended) await iterator.return?.();
    }
  }

  return { name, rewindable: false, head, open: openOnce };
}

/** 1 MB reads are three times as fast as 64 kB ones. */
const readSizeBytes = 1 << 20;

async function* chunksOf(path: string, sizeBytes: number, { note }: SourceListeners = {}): AsyncIterable<Uint8Array> {
  try {
    const file = await open(path, "r");
    try {
      let left = sizeBytes;
      while (left > 0) {
        const length = Math.min(readSizeBytes, left);
        const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(length), 0, length);
        if (bytesRead === 0) break;
        left -= bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
      if (sizeBytes === Infinity) return;
      if (left > 0) throw damaged(path, "it became shorter while it was read");
      const grownBytes = (await file.stat()).size - sizeBytes;
      if (grownBytes > 0) note?.({ what: "size", value: String(grownBytes), message: grownMessage(grownBytes) });
    } finally {
      await file.close();
    }
  } catch (error) {
    throw readError(path, error);
  }
}

async function sliceOf(path: string, start: number, end: number): Promise<Uint8Array> {
  try {
    await using file = await open(path, "r");
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(end - start), 0, end - start, start);
    if (bytesRead < end - start) throw damaged(path, "it became shorter while it was read");
    return buffer;
  } catch (error) {
    throw readError(path, error);
  }
}

function grownMessage(bytes: number): string {
  return `The file grew while it was read: ${bytes.toLocaleString("en-US")} bytes added meanwhile are not read.`;
}

/** The start of a stream of bytes; damage behind it is left for whoever reads on. */
export async function firstBytes(chunks: AsyncIterable<Uint8Array>, sizeBytes: number): Promise<Uint8Array> {
  const kept: Uint8Array[] = [];
  try {
    for await (const chunk of chunks) {
      kept.push(chunk);
      if (total(kept) >= sizeBytes) break;
    }
  } catch (error) {
    if (!isDamaged(error) || kept.length === 0) throw error;
  }
  return Buffer.concat(kept).subarray(0, sizeBytes);
}

function total(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0);
}

function strangeKind(facts: Stats): string {
  if (facts.isSocket()) return "a socket";
  return facts.isCharacterDevice() || facts.isBlockDevice() ? "a device" : "no regular file";
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  ELOOP: "its links lead in a circle",
  ENAMETOOLONG: "the name is too long",
  EIO: "the disk reports an error",
};

function readError(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof TilthError) return error;
  const code = "code" in error ? String(error.code) : "";
  if (code === "ENOENT" || code === "ENOTDIR") return new TilthError("input/not-found", { path }, { cause: error });
  return new TilthError("input/unreadable", { path, reason: reasons[code] ?? error.message }, { cause: error });
}

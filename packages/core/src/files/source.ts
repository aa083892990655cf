import { constants } from "node:fs";
import { access, open, stat } from "node:fs/promises";
import { TilthError } from "../errors.ts";
import type { ByteSource } from "../schema/file-kind.ts";

/**
 * A file on disk as a source of bytes; a named pipe or device becomes one that can be read once.
 *
 * @throws {@link TilthError} `input/not-found`, `input/is-directory` or `input/unreadable`.
 */
export async function fileSource(path: string): Promise<ByteSource> {
  try {
    const facts = await stat(path);
    if (facts.isDirectory()) throw new TilthError("input/is-directory", { path });
    await access(path, constants.R_OK);
    if (!facts.isFile()) return streamSource(path, chunksOf(path));
    return {
      name: path,
      sizeBytes: facts.size,
      rewindable: true,
      head: (sizeBytes) => firstBytes(chunksOf(path), sizeBytes),
      open: () => chunksOf(path),
    };
  } catch (error) {
    throw readError(path, error);
  }
}

/**
 * A stream as a source of bytes. What `head` looks at is kept until `open` hands it on, so a pipe loses nothing.
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
  const refuseSecond = (): void => {
    if (opened) throw new TilthError("input/read-once", { path: name });
  };

  async function head(sizeBytes: number): Promise<Uint8Array> {
    refuseSecond();
    while (!ended && total(kept) < sizeBytes) {
      const next = await iterator.next();
      if (next.done === true) ended = true;
      else kept.push(next.value);
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
    } finally {
      if (!ended) await iterator.return?.();
    }
  }

  return { name, rewindable: false, head, open: openOnce };
}

/** 1 MB reads are three times as fast as 64 kB ones. */
const readSizeBytes = 1 << 20;

async function* chunksOf(path: string): AsyncIterable<Uint8Array> {
  try {
    const file = await open(path, "r");
    try {
      for (;;) {
        const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(readSizeBytes), 0, readSizeBytes);
        if (bytesRead === 0) return;
        yield buffer.subarray(0, bytesRead);
      }
    } finally {
      await file.close();
    }
  } catch (error) {
    throw readError(path, error);
  }
}

async function firstBytes(chunks: AsyncIterable<Uint8Array>, sizeBytes: number): Promise<Uint8Array> {
  const kept: Uint8Array[] = [];
  for await (const chunk of chunks) {
    kept.push(chunk);
    if (total(kept) >= sizeBytes) break;
  }
  return Buffer.concat(kept).subarray(0, sizeBytes);
}

function total(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0);
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

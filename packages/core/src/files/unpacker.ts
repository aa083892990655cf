import { createGunzip, createZstdDecompress } from "node:zlib";
import type { Packing } from "../schema/file-kind.ts";
import { damaged } from "./damage.ts";

/** Unpacks one run of members or frames. */
export interface Unpacker {
  /** What these bytes unpack to; fewer may be used where a member ends among them, and then the unpacker is done. */
  feed(bytes: Buffer): AsyncIterable<Buffer>;
  /** What is left when no bytes follow. */
  end(): AsyncIterable<Buffer>;
  /** The bytes that were used of those it was fed. */
  usedBytes(): number;
  close(): void;
}

/**
 * Opens an unpacker of the platform and takes its output piece by piece, so that at the first fault nothing waits in a buffer: a stream that
 * is destroyed by an error throws away what was not yet read from it.
 *
 * Its iterables throw an `input/damaged`.
 */
export function openUnpacker(packing: Packing, path: string): Unpacker {
  const stream = packing === "gzip" ? createGunzip({ chunkSize }) : createZstdDecompress({ chunkSize });
  let failure: Error | undefined;
  let isDone = false;
  let wake = (): void => undefined;
  const done = (error?: Error | null): void => {
    failure ??= error ?? undefined;
    isDone = true;
    wake();
  };
  stream.on("readable", () => wake());
  // Where a member ends before the fed bytes do, no callback comes but the end.
  stream.on("end", () => done());
  stream.on("error", done);

  async function* output(begin: () => void): AsyncIterable<Buffer> {
    isDone = false;
    begin();
    for (;;) {
      const chunk: unknown = stream.read();
      if (chunk instanceof Buffer) yield chunk;
      else if (failure !== undefined) throw damaged(path, problemOf(failure), failure);
      else if (isDone) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  }

  return {
    feed: (bytes) => output(() => stream.write(bytes, done)),
    end: () => output(() => stream.end()),
    usedBytes: () => stream.bytesWritten,
    close: () => stream.destroy(),
  };
}

const chunkSize = 256 * 1024;

const problems: Readonly<Record<string, string>> = {
  Z_BUF_ERROR: "the compressed data ends early",
  ZSTD_error_frameParameter_windowTooLarge: "unpacking it takes more than 128 MB of memory",
  ZSTD_error_dictionary_wrong: "it was compressed with a dictionary",
};

function problemOf(failure: Error): string {
  return problems["code" in failure ? String(failure.code) : ""] ?? "the compressed data is damaged";
}

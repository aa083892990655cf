import { createHash } from "node:crypto";
import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";

/** A file that takes items until it is closed. */
export interface ItemFile<T> {
  /** Resolves when the items are on their way to the disk, so that no more than one batch waits. */
  write(items: readonly T[]): Promise<void>;
  close(): Promise<WrittenBytes>;
}

export interface WrittenBytes {
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Opens a new file whose bytes an encoder makes of the items that are pushed.
 *
 * @throws Whatever the encoder or the file system throws, from `write` and `close`.
 */
export async function openItemFile<T>(path: string, encode: (items: AsyncIterable<T>) => AsyncIterable<Uint8Array>): Promise<ItemFile<T>> {
  await mkdir(dirname(path), { recursive: true });
  const belt = createBelt<T>();
  const written = writeBytes(path, encode(belt.items()));
  written.catch(belt.fail);
  return {
    write: belt.put,
    close: () => {
      belt.end();
      return written;
    },
  };
}

/** Text as UTF-8, a line each. */
export async function* encodeLines(lines: AsyncIterable<string>): AsyncIterable<Uint8Array> {
  let text = "";
  for await (const line of lines) {
    text += `${line}\n`;
    if (text.length < 65_536) continue;
    yield Buffer.from(text);
    text = "";
  }
  if (text !== "") yield Buffer.from(text);
}

/** Writes chunks to a new file and makes them durable. */
async function writeBytes(path: string, chunks: AsyncIterable<Uint8Array>): Promise<WrittenBytes> {
  const digest = createHash("sha256");
  let bytes = 0;
  await using file = await open(path, "wx");
  for await (const chunk of chunks) {
    digest.update(chunk);
    bytes += chunk.length;
    await file.appendFile(chunk);
  }
  await file.sync();
  return { bytes, sha256: digest.digest("hex") };
}

/** Hands batches from one who pushes to one who pulls; at most one batch lies on it. */
interface Belt<T> {
  /** Resolves when the batch was taken, rejects when the taker failed. */
  readonly put: (batch: readonly T[]) => Promise<void>;
  readonly end: () => void;
  readonly fail: (reason: unknown) => void;
  items(): AsyncIterable<T>;
}

function createBelt<T>(): Belt<T> {
  let offered = Promise.withResolvers<readonly T[] | undefined>();
  let taken = Promise.withResolvers<void>();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined); // nobody may be putting at that moment; whoever closes hears of it
  return {
    put: async (batch) => {
      if (batch.length === 0) return;
      const here = taken.promise;
      offered.resolve(batch);
      await Promise.race([here, failed.promise]);
    },
    end: () => offered.resolve(undefined),
    fail: (reason) => failed.reject(reason),
    async *items() {
      for (;;) {
        const batch = await offered.promise;
        if (batch === undefined) return;
        offered = Promise.withResolvers();
        yield* batch;
        taken.resolve();
        taken = Promise.withResolvers();
      }
    },
  };
}

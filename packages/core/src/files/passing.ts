import type { ByteSource, FileReadOptions } from "../schema/file-kind.ts";
import { damaged } from "./damage.ts";

/** Parts of a file while all of its bytes run by once. */
export interface Passing {
  /** The bytes from `start` to before `end`; parts in rising order cost one reading of the file. */
  bytes(start: number, end: number): Promise<Uint8Array>;
  /** Lets what is left run by. */
  rest(): Promise<void>;
  close(): Promise<void>;
  /** How many bytes ran by. */
  bytesRead(): number;
}

/**
 * Hands out parts of a file that is read from its start to its end, so that whoever counts or hashes the bytes of a source sees all of
 * them in order. A part that has run by already is read once more by itself.
 */
export function passingBytes(
  source: ByteSource,
  slice: (start: number, end: number) => Promise<ArrayBuffer>,
  { signal, note }: FileReadOptions,
): Passing {
  const chunks = source.open(note === undefined ? {} : { note })[Symbol.asyncIterator]();
  let kept: Uint8Array = new Uint8Array(0);
  let keptFrom = 0;
  let ended = false;

  async function next(): Promise<Uint8Array | undefined> {
    signal?.throwIfAborted();
    const { done, value } = await chunks.next();
    if (done === true) ended = true;
    return done === true ? undefined : value;
  }

  /** Forgets what lies before `start`. */
  async function skipTo(start: number): Promise<void> {
    while (keptFrom + kept.length < start) {
      keptFrom += kept.length;
      kept = new Uint8Array(0);
      const chunk = await next();
      if (chunk === undefined) return;
      kept = chunk;
    }
    kept = kept.subarray(start - keptFrom);
    keptFrom = start;
  }

  return {
    async bytes(start, end) {
      if (start < keptFrom) return new Uint8Array(await slice(start, end));
      await skipTo(start);
      const parts = [kept];
      let sizeBytes = kept.length;
      while (sizeBytes < end - start) {
        const chunk = await next();
        if (chunk === undefined) throw damaged(source.name, "its table of contents speaks of bytes behind its end");
        parts.push(chunk);
        sizeBytes += chunk.length;
      }
      if (parts.length > 1) kept = Buffer.concat(parts);
      return kept.subarray(0, end - start);
    },
    async rest() {
      await skipTo(Infinity);
    },
    async close() {
      if (!ended) await chunks.return?.();
    },
    bytesRead: () => keptFrom + kept.length,
  };
}

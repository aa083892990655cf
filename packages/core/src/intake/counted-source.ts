import { createHash } from "node:crypto";
import type { ByteSource } from "../schema/file-kind.ts";

/** A source that knows what it has handed out. */
export interface CountedSource {
  readonly source: ByteSource;
  /** Of the last reading, once it has ended. */
  facts(): { readonly sizeBytes: number; readonly sha256: string };
}

/** Passes the bytes on and counts them. A file is opened several times (its encoding is found out first); the last opening is the reading. */
export function countedSource(source: ByteSource): CountedSource {
  let digest = createHash("sha256");
  let sizeBytes = 0;
  const counted: ByteSource = {
    ...source,
    async *open(listeners) {
      digest = createHash("sha256");
      sizeBytes = 0;
      for await (const bytes of source.open(listeners)) {
        sizeBytes += bytes.length;
        digest.update(bytes);
        yield bytes;
      }
    },
  };
  return { source: counted, facts: () => ({ sizeBytes, sha256: digest.digest("hex") }) };
}

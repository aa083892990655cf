import { brotliDecompressSync, gunzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { Compressors } from "hyparquet";

/** How pages are unpacked; Snappy is hyparquet's own. None unpacks to more than its page header says. */
export const decompressors: Compressors = {
  GZIP: (bytes, maxOutputLength) => gunzipSync(bytes, { maxOutputLength: atLeastOne(maxOutputLength) }),
  BROTLI: (bytes, maxOutputLength) => brotliDecompressSync(bytes, { maxOutputLength: atLeastOne(maxOutputLength) }),
  ZSTD: (bytes, maxOutputLength) => zstdDecompressSync(bytes, { maxOutputLength: atLeastOne(maxOutputLength) }),
};

/** How pages are packed: zstd is smaller than Snappy and as fast to read. */
export const compressors: { readonly ZSTD: (bytes: Uint8Array) => Uint8Array } = { ZSTD: (bytes) => zstdCompressSync(bytes) };

/** node:zlib takes no limit of nothing. */
function atLeastOne(sizeBytes: number): number {
  return Math.max(1, sizeBytes);
}

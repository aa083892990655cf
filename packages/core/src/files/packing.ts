import { TilthError } from "../errors.ts";
import type { ByteSource, Packing } from "../schema/file-kind.ts";

/** The start of a file that shows how it is packed: a tar archive tells last. */
export const packingHeadBytes = 512;

/** What the first bytes of a file are packed with, if it is a packing that is undone while it is read. */
export function packingOf(head: Uint8Array): Packing | undefined {
  const start = latin1(head);
  return packings.find(({ begins }) => begins.test(start))?.name;
}

/**
 * Refuses what holds files instead of being one.
 *
 * @throws {@link TilthError} `input/archive` with what it is and how to unpack it.
 */
export function refuseArchive(source: ByteSource, head: Uint8Array): void {
  const start = latin1(head);
  const archive = archives.find(({ begins }) => begins.test(start));
  if (archive !== undefined) throw new TilthError("input/archive", { path: source.name, what: archive.what, how: archive.how });
}

/** A name without what its packing added to it: `rows.csv.gz` is called like a table. */
export function nameWithin(source: ByteSource): string {
  return source.packing === undefined ? source.name : source.name.replace(/\.(?:gz|gzip|zst|zstd)$/i, "");
}

/** A zstd file may begin with a frame that is to be skipped. */
const packings: readonly { readonly name: Packing; readonly begins: RegExp }[] = [
  { name: "gzip", begins: /^\x1f\x8b/ },
  { name: "zstd", begins: /^(?:\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18)/ },
];

const archives: readonly { readonly what: string; readonly how: string; readonly begins: RegExp }[] = [
  { what: "a zip archive or an office document", how: "`unzip FILE`, or save the sheet as CSV", begins: /^PK(?:\x03\x04|\x05\x06)/ },
  { what: "compressed with bzip2", how: "`bunzip2 FILE`", begins: /^BZh[1-9](?:1AY&SY|\x17rE8P\x90)/ },
  { what: "compressed with xz", how: "`unxz FILE`", begins: /^\xfd7zXZ\0/ },
  { what: "compressed with lzip", how: "`lzip -d FILE`", begins: /^LZIP\x01/ },
  { what: "compressed with lz4", how: "`lz4 -d FILE`", begins: /^\x04\x22\x4d\x18/ },
  { what: "compressed with compress", how: "`uncompress FILE`", begins: /^\x1f\x9d/ },
  { what: "a 7-Zip archive", how: "`7z x FILE`", begins: /^7z\xbc\xaf\x27\x1c/ },
  { what: "a RAR archive", how: "`unrar x FILE`", begins: /^Rar!\x1a\x07/ },
  { what: "a tar archive", how: "`tar -xf FILE`", begins: /^[^]{257}ustar(?:\0|  \0)/ },
];

function latin1(head: Uint8Array): string {
  return Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, packingHeadBytes)).toString("latin1");
}

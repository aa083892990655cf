import { crc32 } from "node:zlib";
import type { RowGroup } from "hyparquet";
import { parquetHeader } from "hyparquet/src/column.js";

/**
 * Finds a page of a row group whose bytes are not those that were written, where the file has checksums; as a clause.
 *
 * @param bytes - The bytes of the group; `start` is their place in the file.
 * @see {@link https://parquet.apache.org/docs/file-format/data-pages/checksumming/ | Apache Parquet, checksumming}: CRC-32 of the page as it lies there.
 */
export function faultyPage(group: RowGroup, bytes: Uint8Array, start: number): string | undefined {
  for (const { meta_data: column } of group.columns) {
    if (column === undefined) continue;
    const from = Number(column.dictionary_page_offset || column.data_page_offset) - start;
    const chunk = bytes.subarray(from, from + Number(column.total_compressed_size));
    if (hasFault(chunk)) return `a page of the column ${column.path_in_schema.join(".")} has another checksum than its bytes`;
  }
  return undefined;
}

function hasFault(chunk: Uint8Array): boolean {
  const reader = { view: new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength), offset: 0 };
  while (reader.offset < chunk.byteLength) {
    const { crc, compressed_page_size: sizeBytes } = parquetHeader(reader);
    // No header: what reads the pages will say so.
    if (!(sizeBytes >= 0)) return false;
    // A file without checksums has none on any page.
    if (crc === undefined) return false;
    if (crc32(chunk.subarray(reader.offset, reader.offset + sizeBytes)) !== crc >>> 0) return true;
    reader.offset += sizeBytes;
  }
  return false;
}

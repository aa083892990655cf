import { type FileHandle, open } from "node:fs/promises";
import { crc32 } from "node:zlib";

/** Reads and checksums of more than a gibibyte are made in pieces. */
const PIECE_BYTES = 2 ** 30;

/** The arrays that are written: their bytes as they lie in memory, which is little-endian on every machine that Node runs on but two. */
export type StoredArray = Int8Array | Uint8Array | Uint16Array | Int32Array | Uint32Array | Float32Array | Float64Array;

/** Where an array lies in its file. */
export interface Section {
  readonly offset: number;
  readonly bytes: number;
  readonly crc32: number;
}

export type Layout = Readonly<Record<string, Section>>;

/** Writes arrays one after the other into a new file, durably. */
export async function writeArrays(path: string, arrays: Readonly<Record<string, StoredArray>>): Promise<Layout> {
  const file = await open(path, "wx");
  try {
    const layout: Record<string, Section> = {};
    let offset = 0;
    for (const [name, array] of Object.entries(arrays)) {
      const bytes = bytesOf(array);
      let written = 0;
      while (written < bytes.length) {
        const piece = bytes.subarray(written, written + PIECE_BYTES);
        written += (await file.write(piece, 0, piece.length, offset + written)).bytesWritten;
      }
      layout[name] = { offset, bytes: bytes.length, crc32: checksum(bytes) };
      offset += bytes.length;
    }
    await file.sync();
    return layout;
  } finally {
    await file.close();
  }
}

/** Fills arrays from a file, each straight into its own memory; says what is wrong, or nothing. */
export async function readArrays(path: string, layout: Layout, arrays: Readonly<Record<string, StoredArray>>): Promise<string | undefined> {
  const file = await open(path, "r");
  try {
    for (const [name, array] of Object.entries(arrays)) {
      const section = layout[name];
      const bytes = bytesOf(array);
      if (section === undefined || section.bytes !== bytes.length) return `${name} has another size than its header says`;
      if (!(await fill(file, bytes, section.offset))) return `${name} ends early`;
      if (checksum(bytes) !== section.crc32) return `the checksum of ${name} is wrong`;
    }
    return undefined;
  } finally {
    await file.close();
  }
}

async function fill(file: FileHandle, bytes: Uint8Array, offset: number): Promise<boolean> {
  for (let filled = 0; filled < bytes.length;) {
    const { bytesRead } = await file.read(bytes, filled, Math.min(PIECE_BYTES, bytes.length - filled), offset + filled);
    if (bytesRead === 0) return false;
    filled += bytesRead;
  }
  return true;
}

function checksum(bytes: Uint8Array): number {
  let value = 0;
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) value = crc32(bytes.subarray(at, at + PIECE_BYTES), value);
  return value;
}

function bytesOf(array: StoredArray): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** Bytes gathered up to a limit. Beyond it the size is still counted, but only the first 64 kB are kept. */
export interface GrowingBytes {
  add(bytes: Buffer): void;
  clear(): void;
  size(): number;
  isFull(): boolean;
  /** A copy of the first `limit` bytes that are held. */
  start(limit: number): Buffer;
  text(): string;
  /** The last `limit` bytes as text. */
  tail(limit: number): string;
}

/** Copies what it is given, so it never keeps a chunk alive; the room doubles as needed and is used again after `clear`. */
export function growingBytes(limitBytes: number): GrowingBytes {
  let room = Buffer.allocUnsafe(startBytes);
  let size = 0;
  const held = (): number => (size > limitBytes ? startBytes : size);
  return {
    add(bytes) {
      const before = size;
      size += bytes.length;
      if (before > limitBytes) return;
      if (size > limitBytes) {
        const start = [room.subarray(0, Math.min(before, startBytes)), bytes.subarray(0, startBytes)];
        room = Buffer.concat(start, startBytes);
        return;
      }
      if (size > room.length) {
        const wider = Buffer.allocUnsafe(Math.max(size, room.length * 2));
        room.copy(wider, 0, 0, before);
        room = wider;
      }
      bytes.copy(room, before);
    },
    clear() {
      size = 0;
      if (room.length > keptBytes) room = Buffer.allocUnsafe(startBytes);
    },
    size: () => size,
    isFull: () => size > limitBytes,
    start: (limit) => Buffer.from(room.subarray(0, Math.min(limit, held()))),
    text: () => room.toString("utf8", 0, held()),
    tail: (limit) => room.toString("utf8", Math.max(0, held() - limit), held()),
  };
}

const startBytes = 64 * 1024;

/** Room that one long record made is given back. */
const keptBytes = 4 * 1024 * 1024;

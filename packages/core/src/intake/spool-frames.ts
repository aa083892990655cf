import { crc32c } from "../text/kernels/crc32c.ts";

// A frame is u32le length, u32le CRC-32C of the payload, and the payload: one event as JSON in UTF-8.

const HEAD_BYTES = 8;
/** No event is longer: what claims to be is not the beginning of a frame. */
const MOST_BYTES = 64_000_000;

/** Frames of payloads, in one piece. */
export function framesOf(payloads: readonly (string | Uint8Array)[]): Buffer {
  // UTF-8 takes at most three bytes for a unit of UTF-16.
  const most = payloads.reduce((sum, payload) => sum + HEAD_BYTES + (typeof payload === "string" ? 3 : 1) * payload.length, 0);
  const frames = Buffer.allocUnsafeSlow(most);
  let at = 0;
  for (const payload of payloads) {
    const length = typeof payload === "string" ? frames.write(payload, at + HEAD_BYTES, "utf8") : payload.length;
    if (typeof payload !== "string") frames.set(payload, at + HEAD_BYTES);
    frames.writeUInt32LE(length, at);
    frames.writeUInt32LE(crc32c(frames.subarray(at + HEAD_BYTES, at + HEAD_BYTES + length)), at + 4);
    at += HEAD_BYTES + length;
  }
  return frames.subarray(0, at);
}

/** What a segment holds: whole payloads in order, what is damaged, and how many bytes of a frame that was never finished. */
export interface Segment {
  readonly payloads: readonly Uint8Array[];
  /** Pieces between whole frames that are none: kept, never passed over. */
  readonly damaged: readonly Uint8Array[];
  readonly tornBytes: number;
}

/**
 * Reads the frames of a segment.
 *
 * Whoever wrote it may have been stopped in the middle of the last one, which then was not acknowledged: it is cut. Linear, but for damage
 * inside, after which the next whole frame is looked for.
 */
export function readSegment(bytes: Buffer): Segment {
  const payloads: Uint8Array[] = [];
  const damaged: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    const end = endOfFrame(bytes, at);
    if (end !== undefined) {
      payloads.push(bytes.subarray(at + HEAD_BYTES, end));
      at = end;
      continue;
    }
    const next = nextFrame(bytes, at);
    if (next === undefined && isTorn(bytes, at)) return { payloads, damaged, tornBytes: bytes.length - at };
    damaged.push(bytes.subarray(at, next ?? bytes.length));
    at = next ?? bytes.length;
  }
  return { payloads, damaged, tornBytes: 0 };
}

/** Where the frame at a place ends; nothing where there is no whole one. */
function endOfFrame(bytes: Buffer, at: number): number | undefined {
  if (at + HEAD_BYTES >= bytes.length) return undefined;
  const length = bytes.readUInt32LE(at);
  const end = at + HEAD_BYTES + length;
  if (length === 0 || length > MOST_BYTES || end > bytes.length) return undefined;
  return crc32c(bytes.subarray(at + HEAD_BYTES, end)) === bytes.readUInt32LE(at + 4) ? end : undefined;
}

/** Payloads begin with a brace, so few places have to be tried. */
function nextFrame(bytes: Buffer, after: number): number | undefined {
  for (let brace = bytes.indexOf(BRACE, after + HEAD_BYTES + 1); brace !== -1; brace = bytes.indexOf(BRACE, brace + 1)) {
    if (endOfFrame(bytes, brace - HEAD_BYTES) !== undefined) return brace - HEAD_BYTES;
  }
  return undefined;
}

const BRACE = 0x7b;

/** A frame that goes on beyond the end, or zeros that a file system puts where nothing was written yet. */
function isTorn(bytes: Buffer, at: number): boolean {
  if (at + HEAD_BYTES >= bytes.length) return true;
  const length = bytes.readUInt32LE(at);
  if (length <= MOST_BYTES && at + HEAD_BYTES + length > bytes.length) return true;
  return bytes.subarray(at).every((byte) => byte === 0);
}

import type { FileHandle } from "node:fs/promises";
import { mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { TilthError } from "../errors.ts";

/** A file of the spool, and how many of its events the pool does not have yet. */
export interface SpoolSegment {
  readonly path: string;
  left: number;
}

/** Where events lie safely until the pool has them. */
export interface Spool {
  /**
   * Resolves when the frames are durable, with the segment they lie in.
   *
   * @throws {@link TilthError} `storage/full`, `storage/io`: nothing of it counts as kept.
   */
  append(frames: Uint8Array, events: number): Promise<SpoolSegment>;
  /** Says that the pool has so many events of a segment; a segment without any left is deleted. */
  drained(segment: SpoolSegment, events: number): void;
  /** True for a segment that is written here. */
  isOwn(path: string): boolean;
  /** Leaves what is not drained where it is. */
  close(): Promise<void>;
}

export interface SpoolOptions {
  readonly folder: string;
  readonly newId: () => string;
  /** From which size on a segment is closed. @defaultValue 16 MiB */
  readonly segmentBytes?: number;
}

const SEGMENT_BYTES = 16 << 20;
const SEGMENT_MS = 10_000;

interface Writing extends SpoolSegment {
  readonly file: FileHandle;
  readonly sinceMs: number;
  bytes: number;
}

interface Frames {
  readonly bytes: Uint8Array;
  readonly events: number;
  readonly durable: PromiseWithResolvers<SpoolSegment>;
}

/** Opens a spool; its first segment comes into being with the first frame. Whatever waits when one fsync ends makes the next. */
export function openSpool({ folder, newId, segmentBytes = SEGMENT_BYTES }: SpoolOptions): Spool {
  const own = new Set<string>();
  const removals = new Set<Promise<void>>();
  let waiting: Frames[] = [];
  let current: Writing | undefined;
  let flushing: Promise<void> | undefined;

  return {
    append(bytes, events) {
      const durable = Promise.withResolvers<SpoolSegment>();
      waiting.push({ bytes, events, durable });
      flushing ??= flush();
      return durable.promise;
    },
    drained(segment, events) {
      segment.left -= events;
      settle(segment);
    },
    isOwn: (path) => own.has(path),
    async close() {
      await flushing;
      await finish();
      await Promise.all(removals);
    },
  };

  async function flush(): Promise<void> {
    while (waiting.length > 0) {
      const frames = waiting;
      waiting = [];
      try {
        const segment = await write(frames);
        for (const { durable } of frames) durable.resolve(segment);
      } catch (error) {
        for (const { durable } of frames) durable.reject(failure(error, folder));
      }
    }
    flushing = undefined;
    if (current !== undefined) settle(current);
  }

  async function write(frames: readonly Frames[]): Promise<SpoolSegment> {
    current ??= await begin();
    const segment = current;
    try {
      const { bytesWritten } = await segment.file.writev(
        frames.map(({ bytes }) => bytes),
        segment.bytes,
      );
      const wanted = frames.reduce((sum, { bytes }) => sum + bytes.length, 0);
      if (bytesWritten < wanted) throw Object.assign(new Error("the disk took a part of it"), { code: "ENOSPC" });
      await segment.file.datasync();
      segment.bytes += bytesWritten;
    } catch (error) {
      // Nobody knows what of it is on the disk: nothing more is written behind it.
      await finish();
      throw error;
    }
    for (const { events } of frames) segment.left += events;
    if (segment.bytes >= segmentBytes || performance.now() - segment.sinceMs > SEGMENT_MS) await finish();
    return segment;
  }

  async function begin(): Promise<Writing> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, `${newId()}.spool`);
    const file = await open(path, "wx", 0o600);
    own.add(path);
    await syncFolder(folder);
    return { path, file, left: 0, bytes: 0, sinceMs: performance.now() };
  }

  async function finish(): Promise<void> {
    const segment = current;
    current = undefined;
    await segment?.file.close();
    if (segment !== undefined) settle(segment);
  }

  /** Deletes a segment that holds nothing the pool does not have, and that nothing is written to. */
  function settle(segment: SpoolSegment): void {
    if (segment.left > 0 || (segment === current && flushing !== undefined) || !own.has(segment.path)) return;
    const file = segment === current ? current.file : undefined;
    if (segment === current) current = undefined;
    own.delete(segment.path);
    const removal = remove(segment.path, file).finally(() => removals.delete(removal));
    removals.add(removal);
  }
}

/** A segment that cannot be deleted is drained once more by whoever opens the spool next, which changes nothing. */
async function remove(path: string, file: FileHandle | undefined): Promise<void> {
  await file?.close();
  await rm(path, { force: true }).catch(() => undefined);
}

/** The name of a new file is durable with its folder; Windows knows no such thing. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  await using folder = await open(path, "r");
  await folder.sync();
}

function failure(cause: unknown, path: string): TilthError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const full = code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG";
  const reason = code === "" ? "the spool cannot be written" : `the spool cannot be written: ${code}`;
  return new TilthError(full ? "storage/full" : "storage/io", { path, reason }, { cause });
}

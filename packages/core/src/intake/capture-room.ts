import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Hold } from "../storage/hold.ts";
import { takeHold } from "../storage/hold.ts";
import type { CaptureDesk, CaptureDeskOptions } from "./capture.ts";
import { openCaptureDesk } from "./capture.ts";
import type { Entry } from "./capture-entry.ts";
import { payloadOf } from "./capture-entry.ts";
import { framesOf } from "./spool-frames.ts";
import { drainLeft, keepBad } from "./spool-left.ts";
import type { LeftReport } from "./spool-left.ts";
import type { Spool } from "./spool.ts";
import { openSpool } from "./spool.ts";

export interface CaptureRoomOptions extends Omit<CaptureDeskOptions, "spool" | "keepRefused"> {
  /** Where the spool lies. */
  readonly folder: string;
}

/** The desk with its spool. */
export interface CaptureRoom extends Omit<CaptureDesk, "stop"> {
  /** What was left in the spool by others and is in the pool now; nothing yet where another process has the spool. */
  readonly left: Promise<LeftReport>;
  /** Brings what waits into the pool, for as long as the deadline allows; the rest stays in the spool. */
  close(options?: { readonly deadlineMs?: number }): Promise<void>;
}

const ASK_AGAIN_MS = 1_000;

/**
 * Opens the room of capture on a workspace's spool, which one process has at a time, and begins to drain what others left there.
 *
 * @throws {@link TilthError} `storage/not-writable` where there can be no spool.
 */
export async function openCaptureRoom(options: CaptureRoomOptions): Promise<CaptureRoom> {
  const { folder, newId, failed } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const spool = openSpool({ folder, newId });
  const closing = new AbortController();
  const badPath = join(folder, `${newId()}.bad`);
  let hold: Hold | undefined;
  let askedMs = -Infinity;
  let closed: Promise<void> | undefined;
  let left: Promise<LeftReport> = Promise.resolve({ segments: 0, events: 0, bad: 0 });
  const desk = openCaptureDesk({ ...options, spool: held, keepRefused });
  held();

  return {
    take: (events, caller) => desk.take(events, caller),
    figures: () => desk.figures(),
    get left() {
      return left;
    },
    async drained() {
      await left;
      await desk.drained();
    },
    close: ({ deadlineMs = 10_000 } = {}) => (closed ??= close(deadlineMs)),
  };

  async function close(deadlineMs: number): Promise<void> {
    const late = new AbortController();
    const drained = Promise.all([left, desk.drained()]);
    await Promise.race([drained, pause(deadlineMs, undefined, { signal: late.signal }).catch(() => undefined)]);
    late.abort();
    closing.abort();
    await desk.stop();
    await left;
    await spool.close();
    hold?.release();
  }

  /** The spool, while it is ours. */
  function held(): Spool | undefined {
    if (hold !== undefined) return spool;
    if (closing.signal.aborted || performance.now() - askedMs < ASK_AGAIN_MS) return undefined;
    askedMs = performance.now();
    hold = takeHold(join(folder, "hold"));
    if (hold === undefined) return undefined;
    left = drainLeft({ ...options, isOwn: (path) => spool.isOwn(path), signal: closing.signal }).catch((error: unknown) => {
      failed(error);
      return { segments: 0, events: 0, bad: 0 };
    });
    return spool;
  }

  async function keepRefused(entry: Entry): Promise<void> {
    await keepBad(badPath, [framesOf([payloadOf(entry)])]).catch(failed);
  }
}

import { setTimeout as pause } from "node:timers/promises";
import { isTilthError } from "../errors.ts";
import type { Storage } from "../storage/storage.ts";
import type { Entry } from "./capture-entry.ts";
import type { Fate } from "./capture-pool.ts";
import { writeAcknowledged } from "./capture-pool.ts";
import type { Spool, SpoolSegment } from "./spool.ts";

/** Entries that lie safely in the spool and wait for the pool. */
export interface Queued {
  readonly entries: readonly Entry[];
  readonly segment: SpoolSegment;
  readonly bytes: number;
}

/** Takes what the spool keeps into the pool, in the order it came. */
export interface CaptureQueue {
  add(queued: Queued): void;
  readonly events: number;
  readonly bytes: number;
  /** Events of one sender. */
  eventsOf(actor: string): number;
  /** When the oldest that waits came. */
  oldestMs(): number | undefined;
  /** How many events a second came into the pool lately. */
  rate(): number;
  /** Resolves when nothing waits. */
  empty(): Promise<void>;
  /** Stops after what is under way; the rest stays in the spool. */
  stop(): Promise<void>;
}

export interface CaptureQueueOptions {
  readonly storage: Storage;
  readonly spool: Spool;
  /** Told when an entry is in the pool, or is refused by it; the spool forgets it only after that. */
  readonly left: (entry: Entry, fate: Fate) => Promise<void> | undefined;
  /** Told when the pool does not take anything just now. */
  readonly failed: (error: unknown) => void;
}

/** Many, since a page that rows share is then written once; more would keep other writers of this process waiting for long. */
const BATCH_EVENTS = 4_000;
/** While one is committed, the next lies ready. */
const MOST_UNDER_WAY = 2;
const AGAIN_MS = 250;

/** Makes a queue, which works by itself as soon as there is something. */
export function createCaptureQueue({ storage, spool, left, failed }: CaptureQueueOptions): CaptureQueue {
  const waiting: Queued[] = [];
  const underWay = new Set<Promise<void>>();
  /** What `underWay` is about, the oldest first. */
  const begun = new Set<readonly Queued[]>();
  const bySender = new Map<string, number>();
  const emptied: (() => void)[] = [];
  const pace = createPace();
  const stopping = new AbortController();
  let first = 0;
  let events = 0;
  let bytes = 0;

  return {
    add(queued) {
      waiting.push(queued);
      events += queued.entries.length;
      bytes += queued.bytes;
      for (const { actor } of queued.entries) count(actor, 1);
      work();
    },
    get events() {
      return events;
    },
    get bytes() {
      return bytes;
    },
    eventsOf: (actor) => bySender.get(actor) ?? 0,
    oldestMs: () => [...begun][0]?.[0]?.entries[0]?.atMs ?? waiting[first]?.entries[0]?.atMs,
    rate: () => pace.rate(),
    async empty() {
      if (events > 0) await new Promise<void>((resolve) => emptied.push(resolve));
    },
    async stop() {
      stopping.abort();
      await Promise.all(underWay);
    },
  };

  function work(): void {
    while (underWay.size < MOST_UNDER_WAY && first < waiting.length && !stopping.signal.aborted) {
      const batch = nextBatch();
      begun.add(batch);
      const done = drain(batch).finally(() => {
        underWay.delete(done);
        begun.delete(batch);
        work();
      });
      underWay.add(done);
    }
  }

  function nextBatch(): readonly Queued[] {
    const batch: Queued[] = [];
    for (let size = 0; first < waiting.length && size < BATCH_EVENTS; first++) {
      const next = waiting[first];
      if (next === undefined) break;
      size += next.entries.length;
      batch.push(next);
    }
    if (first === waiting.length || first > KEPT_BEHIND) {
      waiting.splice(0, first);
      first = 0;
    }
    return batch;
  }

  async function drain(batch: readonly Queued[]): Promise<void> {
    const entries = batch.flatMap((queued) => queued.entries);
    const fates = await write(entries);
    if (fates === undefined) return;
    pace.add(entries.length);
    const kept: (Promise<void> | undefined)[] = [];
    for (const [index, entry] of entries.entries()) {
      count(entry.actor, -1);
      kept.push(left(entry, fates[index] ?? "accepted"));
    }
    await Promise.all(kept.filter((one) => one !== undefined));
    for (const queued of batch) {
      events -= queued.entries.length;
      bytes -= queued.bytes;
      spool.drained(queued.segment, queued.entries.length);
    }
    if (events === 0) for (const resolve of emptied.splice(0)) resolve();
  }

  /** Nothing where the queue was stopped before the pool took them. */
  async function write(entries: readonly Entry[]): Promise<readonly Fate[] | undefined> {
    while (!stopping.signal.aborted) {
      try {
        return await writeAcknowledged(storage, entries);
      } catch (error) {
        if (isTilthError(error) && error.code === "storage/closed") return undefined;
        failed(error);
        await pause(AGAIN_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
    return undefined;
  }

  function count(actor: string, change: number): void {
    const now = (bySender.get(actor) ?? 0) + change;
    if (now === 0) bySender.delete(actor);
    else bySender.set(actor, now);
  }
}

const KEPT_BEHIND = 1_000;
const PACE_MS = 5_000;

/** Counts what was done in the last seconds. */
function createPace(): { add(events: number): void; rate(): number } {
  let done: { readonly atMs: number; readonly events: number }[] = [];
  return {
    add(events) {
      const nowMs = performance.now();
      done = [...done.filter(({ atMs }) => nowMs - atMs < PACE_MS), { atMs: nowMs, events }];
    },
    rate() {
      const nowMs = performance.now();
      const lately = done.filter(({ atMs }) => nowMs - atMs < PACE_MS);
      const [first] = lately;
      if (first === undefined) return 0;
      return lately.reduce((sum, { events }) => sum + events, 0) / (Math.max(250, nowMs - first.atMs) / 1_000);
    },
  };
}

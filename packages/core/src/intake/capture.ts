import { isTilthError, TilthError } from "../errors.ts";
import type { ArrivalOptions, CaptureCaller, Indexed, RejectedEvent } from "./capture-arrivals.ts";
import { enterAll } from "./capture-arrivals.ts";
import type { Entry } from "./capture-entry.ts";
import { payloadOf } from "./capture-entry.ts";
import type { Fate } from "./capture-pool.ts";
import { knownIn, writeToPool } from "./capture-pool.ts";
import type { CaptureQueue } from "./capture-queue.ts";
import { createCaptureQueue } from "./capture-queue.ts";
import { framesOf } from "./spool-frames.ts";
import type { Spool } from "./spool.ts";

/** What became of the events of a call: all that were accepted, and all that these repeat, are durable. */
export interface CapturedEvents {
  readonly accepted: number;
  readonly duplicate: number;
  readonly rejected: readonly RejectedEvent[];
}

/** Figures since the room was opened, and how it is now. */
export interface CaptureFigures {
  readonly accepted: number;
  readonly duplicate: number;
  readonly rejected: number;
  /** Of the accepted, those that went through the spool. */
  readonly spooled: number;
  /** Acknowledged, and refused by the pool later: they lie in a `.bad` file. */
  readonly lost: number;
  /** Events in the spool that the pool does not have yet. */
  readonly waiting: number;
  readonly waitingBytes: number;
  /** For how long the oldest of them has waited. */
  readonly lagMs: number;
}

/** The hot way in for what applications capture. */
export interface CaptureDesk {
  /**
   * Takes events in. Resolves when what was accepted is durable: in the pool, or in the spool while the pool's writer is behind.
   *
   * @throws {@link TilthError} `request/overloaded`, `capture/too-many` while too much waits; `storage/…` where nothing can be kept. What
   * was thrown for may be sent again: ids keep it from being stored twice.
   */
  take(events: readonly unknown[], caller: CaptureCaller): Promise<CapturedEvents>;
  figures(): CaptureFigures;
  /** Resolves when nothing waits in the spool. */
  drained(): Promise<void>;
  /** Stops bringing what waits into the pool; it stays in the spool. */
  stop(): Promise<void>;
}

export interface CaptureDeskOptions extends Omit<ArrivalOptions, "onItsWay"> {
  /** Absent while another process has it: what the pool does not take is then refused. */
  readonly spool: () => Spool | undefined;
  /** Keeps an acknowledged entry that the pool refuses. */
  readonly keepRefused: (entry: Entry) => Promise<void>;
  /** Told when the pool does not take anything just now. */
  readonly failed: (error: unknown) => void;
  readonly limits?: Partial<CaptureLimits>;
}

export interface CaptureLimits {
  /** While so many events wait for a commit of the pool, further ones go to the spool. @defaultValue 600 */
  readonly poolEvents: number;
  /** Also where the oldest of them waits for so long. @defaultValue 300 */
  readonly poolMs: number;
  /** Events in the spool from which on none are taken. @defaultValue 200_000 */
  readonly spoolEvents: number;
  /** @defaultValue 64 MiB */
  readonly spoolBytes: number;
}

const defaults: CaptureLimits = { poolEvents: 600, poolMs: 300, spoolEvents: 200_000, spoolBytes: 64 << 20 };
/** Of the room in the spool, what one sender may fill: others find a place beside who floods. */
const SHARE_OF_ONE = 0.75;
/** Where another process has the spool, so many times more may wait for the pool itself. */
const WITHOUT_SPOOL = 10;
/** Opens the desk that events come to. */
export function openCaptureDesk(options: CaptureDeskOptions): CaptureDesk {
  const { storage, clock } = options;
  const limits: CaptureLimits = { ...defaults, ...options.limits };
  const sums = { accepted: 0, duplicate: 0, rejected: 0, spooled: 0, lost: 0 };
  /** What is on its way, by its key, with the promise that it is durable. */
  const onItsWay = { example: new Map<string, OnItsWay>(), signal: new Map<string, OnItsWay>() };
  /** What waits for a commit of the pool, the oldest first. */
  const inPool = { events: 0, calls: new Set<{ readonly sinceMs: number }>() };
  const queues = new Map<Spool, CaptureQueue>();

  return {
    async take(events, caller) {
      refuseFlood(events.length, caller);
      const { entries, rejected } = await enterAll(events, caller, { ...options, onItsWay: (id) => onItsWay.example.get(id) });
      const { fresh, repeated } = apart(entries);
      const kept = fresh.length === 0 ? [] : await keep(fresh);
      // What repeats an event that is on its way is as safe as that one, and not before.
      await Promise.all(repeated);
      for (const [i, fate] of kept.entries()) {
        const index = fresh[i]?.index ?? 0;
        if (typeof fate === "object") rejected.push({ index, ...fate });
      }
      const accepted = kept.filter((fate) => fate === "accepted").length;
      const duplicate = entries.length - fresh.length + kept.filter((fate) => fate === "duplicate").length;
      sums.accepted += accepted;
      sums.duplicate += duplicate;
      sums.rejected += rejected.length;
      return { accepted, duplicate, rejected: rejected.toSorted((a, b) => a.index - b.index) };
    },
    figures() {
      const { events: waiting, bytes: waitingBytes } = waitingNow();
      const oldestMs = queueNow()?.oldestMs();
      return { ...sums, waiting, waitingBytes, lagMs: oldestMs === undefined ? 0 : Math.max(0, clock.nowMs() - oldestMs) };
    },
    async drained() {
      await queueNow()?.empty();
    },
    async stop() {
      await queueNow()?.stop();
    },
  };

  function queueNow(): CaptureQueue | undefined {
    const spool = options.spool();
    return spool === undefined ? undefined : queues.get(spool);
  }

  function waitingNow(): { readonly events: number; readonly bytes: number } {
    return queueNow() ?? { events: 0, bytes: 0 };
  }

  /** @throws {@link TilthError} `request/overloaded`, `capture/too-many`. */
  function refuseFlood(more: number, { actor }: CaptureCaller): void {
    const queue = queueNow();
    if (queue === undefined || queue.events === 0) return;
    const seconds = Math.max(1, Math.ceil(queue.events / Math.max(1_000, queue.rate()) / 2));
    if (queue.events + more > limits.spoolEvents || queue.bytes > limits.spoolBytes)
      throw new TilthError("request/overloaded", { reason: `${queue.events.toLocaleString("en-US")} captured events wait`, seconds });
    const share = Math.floor(limits.spoolEvents * SHARE_OF_ONE);
    if (queue.eventsOf(actor) + more > share) throw new TilthError("capture/too-many", { actor, limit: share, seconds });
  }

  /** Sets aside what repeats an event of the same call, or one that is on its way. */
  function apart(entries: readonly Indexed[]): { readonly fresh: readonly Indexed[]; readonly repeated: readonly Promise<void>[] } {
    const repeated = new Set<Promise<void>>();
    const seen = { example: new Set<string>(), signal: new Set<string>() };
    const fresh = entries.filter(({ entry: { kind, id } }) => {
      const before = onItsWay[kind].get(id);
      if (before !== undefined) repeated.add(before.durable);
      if (before !== undefined || seen[kind].has(id)) return false;
      seen[kind].add(id);
      return true;
    });
    return { fresh, repeated: [...repeated] };
  }

  /** Makes entries durable, one way or the other. */
  async function keep(fresh: readonly Indexed[]): Promise<readonly Fate[]> {
    const entries = fresh.map(({ entry }) => entry);
    const durable = Promise.withResolvers<void>();
    durable.promise.catch(() => undefined); // who waits for it hears of it
    for (const entry of entries) {
      const dataset = entry.kind === "example" && entry.dataset !== undefined ? { dataset: entry.dataset } : {};
      onItsWay[entry.kind].set(entry.id, { durable: durable.promise, ...dataset });
    }
    try {
      const isLate = isBehind(entries.length);
      const spool = isLate ? options.spool() : undefined;
      if (isLate && spool === undefined && inPool.events > limits.poolEvents * WITHOUT_SPOOL)
        throw new TilthError("request/overloaded", { reason: `${inPool.events.toLocaleString("en-US")} captured events wait`, seconds: 1 });
      const fates = spool === undefined ? await toPool(entries) : await toSpool(entries, spool);
      durable.resolve();
      return fates;
    } catch (error) {
      for (const { kind, id } of entries) onItsWay[kind].delete(id);
      durable.reject(error);
      throw error;
    }
  }

  function isBehind(more: number): boolean {
    if (waitingNow().events > 0) return true; // none overtakes those that wait
    if (inPool.events > 0 && inPool.events + more > limits.poolEvents) return true;
    const [oldest] = inPool.calls;
    return oldest !== undefined && performance.now() - oldest.sinceMs > limits.poolMs;
  }

  async function toPool(entries: readonly Entry[]): Promise<readonly Fate[]> {
    const call = { sinceMs: performance.now() };
    inPool.events += entries.length;
    inPool.calls.add(call);
    try {
      const writing = writeToPool(storage, entries);
      const spool = options.spool();
      const fates = spool === undefined ? await writing : await inTime(writing);
      if (fates === undefined && spool !== undefined) return await toSpool(entries, spool);
      for (const { kind, id } of entries) onItsWay[kind].delete(id);
      return fates ?? [];
    } finally {
      inPool.events -= entries.length;
      inPool.calls.delete(call);
    }
  }

  /**
   * What the pool says, or nothing where another process keeps it: for now, or for longer than anybody should wait. What it takes all the
   * same meanwhile is known by its ids when it comes from the spool.
   */
  async function inTime(writing: Promise<readonly Fate[]>): Promise<readonly Fate[] | undefined> {
    const late = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => late.resolve(undefined), limits.poolMs);
    const taken = writing.catch((error: unknown) => {
      if (isTilthError(error) && error.code === "storage/busy") return undefined;
      throw error;
    });
    try {
      return await Promise.race([taken, late.promise]);
    } finally {
      clearTimeout(timer);
      taken.catch(() => undefined); // nobody waits for it any more
    }
  }

  async function toSpool(entries: readonly Entry[], spool: Spool): Promise<readonly Fate[]> {
    const known = await knownIn(storage, entries);
    const fresh = known.size === 0 ? entries : entries.filter((entry) => !known.has(entry));
    for (const { kind, id } of known) onItsWay[kind].delete(id);
    if (fresh.length > 0) {
      const frames = framesOf(fresh.map(payloadOf));
      const segment = await spool.append(frames, fresh.length);
      sums.spooled += fresh.length;
      queueOf(spool).add({ entries: fresh, segment, bytes: frames.length });
    }
    return entries.map((entry) => (known.has(entry) ? "duplicate" : "accepted"));
  }

  function queueOf(spool: Spool): CaptureQueue {
    const found = queues.get(spool);
    if (found !== undefined) return found;
    const made = createCaptureQueue({ storage, spool, left, failed: options.failed });
    queues.set(spool, made);
    return made;
  }

  function left(entry: Entry, fate: Fate): Promise<void> | undefined {
    onItsWay[entry.kind].delete(entry.id);
    if (typeof fate !== "object") return undefined;
    sums.lost++;
    return options.keepRefused(entry);
  }
}

interface OnItsWay {
  readonly durable: Promise<void>;
  readonly dataset?: string;
}

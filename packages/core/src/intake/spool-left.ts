import { open, readdir, readFile, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { isTilthError } from "../errors.ts";
import type { Storage } from "../storage/storage.ts";
import type { Clock } from "../text/ulid.ts";
import type { Entry, EntryDoor } from "./capture-entry.ts";
import { entryOf, payloadOf } from "./capture-entry.ts";
import type { Fate } from "./capture-pool.ts";
import { writeAcknowledged } from "./capture-pool.ts";
import { framesOf, readSegment } from "./spool-frames.ts";

export interface LeftOptions extends EntryDoor {
  readonly folder: string;
  readonly storage: Storage;
  readonly clock: Clock;
  readonly datasetOf: (idOrName: string, actor: string) => Promise<string>;
  /** True for a segment that this process writes. */
  readonly isOwn: (path: string) => boolean;
  /** Told when the pool does not take anything just now. */
  readonly failed: (error: unknown) => void;
  readonly signal: AbortSignal;
}

/** What was found in the spool, and came of it. */
export interface LeftReport {
  readonly segments: number;
  readonly events: number;
  /** Kept in `.bad` files: damaged, or refused. */
  readonly bad: number;
}

const BATCH_EVENTS = 1_000;
const AGAIN_MS = 250;

/**
 * Brings what others left in the spool into the pool: a process that was killed, or one that cannot reach the pool itself.
 *
 * What the pool has already changes nothing. A segment is deleted when all of it is durable elsewhere; a file that cannot be read stays.
 */
export async function drainLeft(options: LeftOptions): Promise<LeftReport> {
  const { folder, isOwn, signal, failed } = options;
  const sums = { segments: 0, events: 0, bad: 0 };
  for (const name of await segmentsIn(folder)) {
    const path = join(folder, name);
    if (isOwn(path) || signal.aborted) continue;
    try {
      const { events, bad } = await drainSegment(path, options);
      sums.segments++;
      sums.events += events;
      sums.bad += bad;
    } catch (error) {
      if (signal.aborted) break;
      failed(error);
    }
  }
  return sums;
}

/** Names of the segments of a spool, the oldest first. */
export async function segmentsIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  });
  return names.filter((name) => name.endsWith(".spool")).toSorted();
}

async function drainSegment(path: string, options: LeftOptions): Promise<{ readonly events: number; readonly bad: number }> {
  const { payloads, damaged } = readSegment(await readFile(path));
  const bad: Uint8Array[] = [...damaged];
  for (let first = 0; first < payloads.length; first += BATCH_EVENTS) {
    const entries: Entry[] = [];
    for (const payload of payloads.slice(first, first + BATCH_EVENTS)) {
      const entry = await entryOf(payload, options, {
        nowMs: options.clock.nowMs(),
        datasetOf: (name, actor) => datasetOf(name, actor, options),
      });
      if (entry === undefined) bad.push(framesOf([payload]));
      else entries.push(entry);
    }
    const fates = await write(entries, options);
    for (const [i, entry] of entries.entries()) if (typeof fates[i] === "object") bad.push(framesOf([payloadOf(entry)]));
  }
  if (bad.length > 0) await keepBad(path.replace(/spool$/, "bad"), bad);
  await rm(path, { force: true });
  return { events: payloads.length, bad: bad.length };
}

/** A dataset that lies in the trash by now is no reason to lose the example. */
async function datasetOf(name: string, actor: string, { datasetOf: find }: LeftOptions): Promise<string | undefined> {
  try {
    return await find(name, actor);
  } catch (error) {
    if (isTilthError(error) && !error.code.startsWith("storage/")) return undefined;
    throw error;
  }
}

async function write(entries: readonly Entry[], { storage, failed, signal }: LeftOptions): Promise<readonly Fate[]> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await writeAcknowledged(storage, entries);
    } catch (error) {
      if (!isTilthError(error) || error.code !== "storage/busy") throw error;
      failed(error);
      await pause(AGAIN_MS, undefined, { signal });
    }
  }
}

/** Adds to what is kept of a segment, durably: the segment is deleted next. */
export async function keepBad(path: string, pieces: readonly Uint8Array[]): Promise<void> {
  await using file = await open(path, "a", 0o600);
  await file.appendFile(Buffer.concat(pieces));
  await file.sync();
}

/** How much lies in a spool, by the names of its files. */
export interface SpoolContent {
  readonly segments: number;
  readonly bad: number;
  /** When the oldest segment was begun. */
  readonly oldestMs?: number;
}

/** Looks into a spool without reading it. */
export async function lookIntoSpool(folder: string): Promise<SpoolContent> {
  const [segments, names] = [await segmentsIn(folder), await readdir(folder).catch(() => [])];
  const [oldest] = segments;
  const bad = names.filter((name) => name.endsWith(".bad")).length;
  return { segments: segments.length, bad, ...(oldest === undefined ? {} : { oldestMs: timeOf(basename(oldest, ".spool")) }) };
}

/** The time in a ULID; of another name the beginning of all time. */
function timeOf(id: string): number {
  const digits = Array.from(id.slice(0, 10), (character) => "0123456789ABCDEFGHJKMNPQRSTVWXYZ".indexOf(character));
  return digits.length < 10 || digits.includes(-1) ? 0 : digits.reduce((sum, digit) => sum * 32 + digit, 0);
}

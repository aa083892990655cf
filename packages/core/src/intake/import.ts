import { join } from "node:path";
import type { Format, Sample } from "../formats/format.ts";
import type { ByteSource, FileBatch, FileKind } from "../schema/file-kind.ts";
import type { Captured, NewRow, OnChange, Storage } from "../storage/storage.ts";
import type { Clock } from "../text/ulid.ts";
import type { Checkpoint, CheckpointPlace } from "./checkpoint.ts";
import { keepCheckpoint, readCheckpoint, removeCheckpoint } from "./checkpoint.ts";
import { countedSource } from "./counted-source.ts";
import type { EarlierAttempts } from "./earlier-attempts.ts";
import { lookBack, newestRow } from "./earlier-attempts.ts";
import { foresee } from "./foresee.ts";
import { keepReport } from "./keep-report.ts";
import type { Entry, EntryOptions, Prepared } from "./prepare.ts";
import { prepare } from "./prepare.ts";
import { openRejectedRows, rejectedPath } from "./rejected.ts";
import type { ImportReport, Outcome, Tally } from "./report.ts";
import { countUp, newTally, outcomes, summarize } from "./report.ts";
import { withSample } from "./sample.ts";

/** How far an import has come. */
export interface ImportProgress {
  readonly bytesRead: number;
  readonly rows: number;
}

export interface ImportOptions extends EntryOptions {
  readonly source: ByteSource;
  /** Named, or found out from the bytes; the source to read from is the given one, or one that unpacks it. */
  readonly layout: (source: ByteSource) => Promise<{ readonly fileKind: FileKind; readonly reason: string; readonly source: ByteSource }>;
  /** Named, or found out from the first rows; with the lines of the map where one reads them. */
  readonly format: (sample: Sample) => { readonly format: Format; readonly reason: string; readonly map?: readonly string[] };
  readonly encoding?: string;
  readonly storage: Storage;
  /** The dataset's id and the name a person gave it. */
  readonly dataset?: { readonly id: string; readonly name: string };
  readonly onChange?: OnChange;
  /** Ids of the only datasets whoever imports reaches. @defaultValue all */
  readonly withinDatasets?: readonly string[];
  /** Only so many rows are read. */
  readonly limit?: number;
  readonly clock: Clock;
  readonly rulesVersion: string;
  /** Where reports and refused rows of this workspace lie. */
  readonly importsFolder: string;
  readonly progress?: (progress: ImportProgress) => void;
  readonly signal?: AbortSignal;
  /**
   * Given where the import is an attempt that may be cut off and made again, while others write: `signal` then interrupts it, and only the
   * attempt that comes to the end reports, for all of them. `isResumed`: an earlier one may have stored rows under this import's id.
   */
  readonly attempt?: { readonly isResumed: boolean };
  /** Resolves when the next batch may be stored. */
  readonly turn?: () => Promise<void>;
}

/**
 * Imports a file: reads, redacts, checks, hashes, tags, scores, stores and reports, in constant memory.
 *
 * Every row of the file is accounted for: `read = accepted + updated + duplicate + rejected`. A row that cannot be read is refused with its
 * line and reason, the rest goes on. Where `signal` stops it, what is acknowledged stays, and the report says how far it came; an attempt
 * that is interrupted leaves no report, and the next one counts what was stored by then as what it was.
 *
 * @throws {@link TilthError} `format/unknown`, `format/ambiguous` when the rows are not recognised; whatever the source or storage throws;
 * the signal's reason, where an attempt is interrupted.
 */
export async function importFile(options: ImportOptions): Promise<ImportReport> {
  const startedMs = performance.now();
  const counted = countedSource(options.source);
  const notes: string[] = [];
  const layout = await options.layout(counted.source);
  const batches = layout.fileKind.read(layout.source, {
    ...(options.encoding === undefined ? {} : { encoding: options.encoding }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    note: (note) => notes.push(note.message),
  });
  const { sample, all } = await withSample(batches);
  const { format, reason, map } = sample.length === 0 ? nothingToRead : options.format({ rows: sample, fileKind: layout.fileKind.name });
  const folder = join(options.importsFolder, options.importId);
  const { place, point, earlier } = await goOn(options, folder);
  const rejected = openRejectedRows({
    folder,
    file: options.source.name,
    redactor: options.redactor,
    keptBytes: point?.rejectedBytes ?? 0,
  });
  const run: Run = {
    options,
    format,
    fileKind: layout.fileKind,
    tally: point?.tally ?? newTally(),
    rejected,
    ...(place === undefined ? {} : { place }),
    ...(earlier === undefined ? {} : { earlier }),
  };
  let ended: Ended;
  try {
    const work = (): Promise<Ended> => importBatches(run, all);
    ended = isLarge(options) ? await options.storage.bulk(work) : await work();
  } catch (error) {
    await rejected.close();
    throw error;
  }
  if (ended === "limited") notes.push(`Only the first ${run.tally.read.toLocaleString("en-US")} rows were read, as asked.`);
  if (earlier !== undefined) notes.push(resumedNote(run.tally));
  const rejectedFile = await rejected.close();
  const report: ImportReport = {
    id: options.importId,
    file: options.source.name,
    ...(options.dataset === undefined ? {} : { dataset: options.dataset.name }),
    dryRun: options.dryRun,
    layout: { name: layout.fileKind.name, reason: layout.reason },
    format: { name: format.name, reason },
    ...(map === undefined ? {} : { map }),
    ...(ended === "stopped" ? { stopped: true } : {}),
    notes,
    ...summarize(run.tally),
    ...(rejectedFile === undefined ? {} : { rejectedFile }),
    ...counted.facts(),
    elapsedMs: Math.round(performance.now() - startedMs),
  };
  if (!options.dryRun) {
    await keepReport(report, {
      storage: options.storage,
      folder,
      actor: options.actor,
      atMs: options.clock.nowMs(),
      ...(options.encoding === undefined ? {} : { encoding: options.encoding }),
      ...(options.dataset === undefined ? {} : { datasetId: options.dataset.id }),
    });
    await removeCheckpoint({ folder });
  }
  return report;
}

/** Where not one record can be read there is nothing to recognise a format by; the report then lists what is wrong with each. */
const nothingToRead: { readonly format: Format; readonly reason: string; readonly map?: never } = {
  format: { name: "none", title: "no row could be read", kinds: [], lossless: false, readers: [], file: "jsonl", weight: "carries" },
  reason: "no row could be read",
};

/** Why no more rows are read. */
type Ended = "whole" | "limited" | "stopped";

const LARGE_BYTES = 8_000_000;

/** Worth building the pool's indexes once at the end, where nobody else writes; a pipe may bring anything. */
function isLarge({ source, dryRun, attempt }: ImportOptions): boolean {
  return !dryRun && attempt === undefined && (source.sizeBytes === undefined || source.sizeBytes > LARGE_BYTES);
}

/** Where an attempt keeps how far it is, and what earlier ones have left. */
async function goOn(
  { source, storage, importId, clock, dryRun, attempt }: ImportOptions,
  folder: string,
): Promise<{ readonly place?: CheckpointPlace; readonly point?: Checkpoint | undefined; readonly earlier?: EarlierAttempts }> {
  if (attempt === undefined || dryRun) return {};
  const place = {
    folder,
    rejectedPath: rejectedPath({ folder, file: source.name }),
    ...(source.sizeBytes === undefined ? {} : { sizeBytes: source.sizeBytes }),
  };
  if (!attempt.isResumed) return { place };
  const point = await readCheckpoint(place);
  const counted = point === undefined ? {} : { counted: point.counted };
  return { place, point, earlier: await lookBack(storage, { importId, nowMs: clock.nowMs(), ...counted }) };
}

function resumedNote({ signals }: Tally): string {
  const counted = "The import was interrupted and went on; rows count as what they were when they were first stored";
  return signals === 0 ? `${counted}.` : `${counted}, some signals perhaps as known.`;
}

interface Run extends Entry {
  readonly options: ImportOptions;
  /** Of an attempt that may have to be gone on with. */
  readonly place?: CheckpointPlace;
  readonly earlier?: EarlierAttempts;
}

/** Batches on their way to the pool at once. The writer commits those that wait together: a page that many rows share is then written once. */
const MOST_UNDER_WAY = 4;

/** Between two checkpoints of an attempt: what is read once more where it ends without warning. */
const BATCHES_A_CHECKPOINT = 16;

/** Batches are stored, in order, while the next are read and prepared; never more than a few are held. */
async function importBatches(run: Run, batches: AsyncIterable<FileBatch>): Promise<Ended> {
  const { signal, progress, turn, attempt, limit = Infinity } = run.options;
  const underWay: Promise<void>[] = [];
  let storing: Promise<void> = Promise.resolve();
  let ended: Ended = "whole";
  let toPass = run.tally.read;
  let sinceCheckpoint = 0;
  try {
    for await (const batch of batches) {
      await turn?.();
      signal?.throwIfAborted();
      const passed = Math.min(toPass, batch.records.length);
      toPass -= passed;
      if (passed > 0 && passed === batch.records.length) continue;
      const records = batch.records.slice(passed, passed + limit - run.tally.read);
      const prepared = await prepare(run, records);
      if (underWay.length >= MOST_UNDER_WAY) await underWay.shift();
      storing = account(run, send(run, prepared), storing);
      storing.catch(() => undefined);
      underWay.push(storing);
      progress?.({ bytesRead: batch.bytesRead, rows: run.tally.read });
      if (run.tally.read >= limit) {
        ended = "limited";
        break;
      }
      if (run.place === undefined || ++sinceCheckpoint < BATCHES_A_CHECKPOINT) continue;
      await storing;
      await checkpoint(run);
      sinceCheckpoint = 0;
    }
  } catch (error) {
    const isAborted = signal?.aborted === true && error === signal.reason;
    // Whoever stops an import may close the pool next: what is under way comes to its end first, and the reason for stopping is told.
    if (!isAborted) {
      await storing.catch(() => undefined);
      throw error;
    }
    if (attempt !== undefined) {
      await storing;
      await checkpoint(run);
      throw error;
    }
    ended = "stopped";
  }
  await storing;
  return ended;
}

/** Only between batches, with nothing under way: every count then belongs to rows that are stored. */
async function checkpoint({ options, place, tally, rejected }: Run): Promise<void> {
  if (place === undefined) return;
  const counted = { lastN: await newestRow(options.storage), atMs: options.clock.nowMs() };
  await keepCheckpoint(place, { tally, rejectedBytes: rejected.sizeBytes(), counted });
}

/** A batch on its way: what has to be known of its rows when they are stored, so that the rows themselves need not be held. */
interface Sent extends Omit<Prepared, "rows"> {
  readonly rows: readonly { readonly kind: string; readonly tier: string; readonly rules: readonly string[] }[];
  readonly captured: Promise<readonly Captured[]>;
}

function send(run: Run, { rows, ...rest }: Prepared): Sent {
  const captured = captureRows(run, rows);
  // A failure surfaces where the batch is accounted for; this only keeps it from being reported as unhandled meanwhile.
  captured.catch(() => undefined);
  return { ...rest, rows: rows.map(told), captured };
}

function told({ row, findings }: NewRow): Sent["rows"][number] {
  return { kind: row.kind, tier: row.quality_tier, rules: findings.length === 0 ? noRules : findings.map(({ rule }) => rule) };
}

const noRules: readonly string[] = [];

/** Counts what became of a batch, after what became of the one before it. */
async function account(run: Run, sent: Sent, before: Promise<void>): Promise<void> {
  await before;
  const { tally, earlier } = run;
  const captured = await sent.captured;
  for (const [i, result] of (earlier === undefined ? captured : await earlier.recall(captured)).entries()) {
    const row = sent.rows[i];
    const record = sent.recordOf[i];
    if (row === undefined || record === undefined) continue;
    tally.examples[result.status]++;
    sent.outcomes[record] = better(sent.outcomes[record], result.status);
    if (result.conflict === true) tally.conflicts++;
    if (result.trashed === true) tally.trashed++;
    if (result.status === "duplicate") continue;
    countUp(tally.kinds, row.kind);
    countUp(tally.tiers, row.tier);
    for (const rule of row.rules) countUp(tally.findings, rule);
  }
  await storeSignals(run, sent);
  for (const outcome of sent.outcomes) tally.rows[outcome ?? "rejected"]++;
}

/** A row that is signals alone is new or known as they are; where it gave examples, these say what became of it. */
async function storeSignals({ options, tally }: Run, { signals, recordOf, outcomes: became }: Sent): Promise<void> {
  if (signals.length === 0) return;
  const ids = signals.map(({ signal }) => signal.id);
  const stored = await options.storage.read(({ queries }) => queries.selectFrom("signal").select("id").where("id", "in", ids).execute());
  const known = new Set(stored.map(({ id }) => id));
  const withExamples = new Set(recordOf);
  for (const { signal, record } of signals) {
    const status = known.has(signal.id) ? "duplicate" : "accepted";
    known.add(signal.id);
    if (!withExamples.has(record)) became[record] = better(became[record], status);
  }
  tally.signals += options.dryRun ? known.size - stored.length : await options.storage.addSignals(signals.map(({ signal }) => signal));
}

/** A dry run asks which contents are there already instead of storing. */
async function captureRows({ options }: Run, rows: readonly NewRow[]): Promise<readonly Captured[]> {
  if (rows.length === 0) return [];
  if (options.dryRun) return foresee(options.storage, rows, options);
  return options.storage.capture(rows, {
    ...(options.dataset === undefined ? {} : { datasetId: options.dataset.id }),
    ...(options.onChange === undefined ? {} : { onChange: options.onChange }),
    ...(options.withinDatasets === undefined ? {} : { withinDatasets: options.withinDatasets }),
    actor: options.actor,
    atMs: options.clock.nowMs(),
    rulesVersion: options.rulesVersion,
  });
}

function better(before: Outcome | undefined, now: Outcome): Outcome {
  if (before === undefined) return now;
  return outcomes.indexOf(now) < outcomes.indexOf(before) ? now : before;
}

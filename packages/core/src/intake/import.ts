import { join } from "node:path";
import type { Format, Reading, Sample } from "../formats/format.ts";
import type { Redactor } from "../privacy/redactor.ts";
import type { Described } from "../schema/example.ts";
import type { ByteSource, FileBatch, FileKind, FileRecord } from "../schema/file-kind.ts";
import type { Json } from "../schema/json.ts";
import type { Signal } from "../schema/signal.ts";
import type { Captured, NewRow, OnChange, Storage } from "../storage/storage.ts";
import type { Clock } from "../text/ulid.ts";
import { countedSource } from "./counted-source.ts";
import type { Door } from "./door.ts";
import { foresee } from "./foresee.ts";
import { keepReport } from "./keep-report.ts";
import type { RejectedRow, RejectedRows } from "./rejected.ts";
import { openRejectedRows } from "./rejected.ts";
import type { ImportReport, Outcome, Tally } from "./report.ts";
import { countRefusal, countUp, newTally, outcomes, summarize } from "./report.ts";
import { withSample } from "./sample.ts";
import { passSignal } from "./signal-door.ts";

/** How far an import has come. */
export interface ImportProgress {
  readonly bytesRead: number;
  readonly rows: number;
}

export interface ImportOptions {
  readonly source: ByteSource;
  /** Named, or found out from the bytes; the source to read from is the given one, or one that unpacks it. */
  readonly layout: (source: ByteSource) => Promise<{ readonly fileKind: FileKind; readonly reason: string; readonly source: ByteSource }>;
  /** Named, or found out from the first rows; with the lines of the map where one reads them. */
  readonly format: (sample: Sample) => { readonly format: Format; readonly reason: string; readonly map?: readonly string[] };
  readonly encoding?: string;
  readonly storage: Storage;
  readonly door: Door;
  readonly redactor: Redactor;
  readonly importId: string;
  /** The dataset's id and the name a person gave it. */
  readonly dataset?: { readonly id: string; readonly name: string };
  readonly defaults: Described;
  readonly onChange?: OnChange;
  /** Only so many rows are read. */
  readonly limit?: number;
  /** Rows whose `engagement.likes` is lower, or unknown, are refused as `below-min-likes`. */
  readonly minLikes?: number;
  readonly dryRun: boolean;
  readonly actor: string;
  readonly clock: Clock;
  readonly rulesVersion: string;
  /** Where reports and refused rows of this workspace lie. */
  readonly importsFolder: string;
  readonly progress?: (progress: ImportProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Imports a file: reads, redacts, checks, hashes, tags, scores, stores and reports, in constant memory.
 *
 * Every row of the file is accounted for: `read = accepted + updated + duplicate + rejected`. A row that cannot be read is refused with its
 * line and reason, the rest goes on. Where `signal` stops it, what is acknowledged stays, and the report says how far it came.
 *
 * @throws {@link TilthError} `format/unknown`, `format/ambiguous` when the rows are not recognised; whatever the source or storage throws.
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
  const rejected = openRejectedRows({ folder, file: options.source.name, redactor: options.redactor });
  const run: Run = { options, format, fileKind: layout.fileKind, tally: newTally(), rejected };
  let ended: Ended;
  try {
    const work = (): Promise<Ended> => importBatches(run, all);
    ended = isLarge(options) ? await options.storage.bulk(work) : await work();
  } catch (error) {
    await rejected.close();
    throw error;
  }
  if (ended === "limited") notes.push(`Only the first ${run.tally.read.toLocaleString("en-US")} rows were read, as asked.`);
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

/** Worth building the pool's indexes once at the end; a pipe may bring anything. */
function isLarge({ source, dryRun }: ImportOptions): boolean {
  return !dryRun && (source.sizeBytes === undefined || source.sizeBytes > LARGE_BYTES);
}

interface Run {
  readonly options: ImportOptions;
  readonly format: Format;
  readonly fileKind: FileKind;
  readonly tally: Tally;
  readonly rejected: RejectedRows;
}

/** Rows of a batch on their way: which row of the file each example belongs to. */
interface Prepared {
  readonly rows: NewRow[];
  /** For every row to be stored, the index of its record. */
  readonly recordOf: number[];
  readonly signals: { readonly signal: Signal; readonly record: number }[];
  readonly outcomes: (Outcome | undefined)[];
}

/** Batches on their way to the pool at once. The writer commits those that wait together: a page that many rows share is then written once. */
const MOST_UNDER_WAY = 4;

/** Batches are stored, in order, while the next are read and prepared; never more than a few are held. */
async function importBatches(run: Run, batches: AsyncIterable<FileBatch>): Promise<Ended> {
  const { signal, progress, limit = Infinity } = run.options;
  const underWay: Promise<void>[] = [];
  let storing: Promise<void> = Promise.resolve();
  let ended: Ended = "whole";
  try {
    for await (const batch of batches) {
      signal?.throwIfAborted();
      const records = batch.records.slice(0, limit - run.tally.read);
      const prepared = await prepare(run, records);
      if (underWay.length >= MOST_UNDER_WAY) await underWay.shift();
      storing = account(run, send(run, prepared), storing);
      storing.catch(() => undefined);
      underWay.push(storing);
      progress?.({ bytesRead: batch.bytesRead, rows: run.tally.read });
      if (run.tally.read < limit) continue;
      ended = "limited";
      break;
    }
  } catch (error) {
    // Whoever stops an import may close the pool next: what is under way comes to its end first, and the reason for stopping is told.
    if (signal?.aborted !== true || error !== signal.reason) {
      await storing.catch(() => undefined);
      throw error;
    }
    ended = "stopped";
  }
  await storing;
  return ended;
}

async function prepare(run: Run, records: readonly FileRecord[]): Promise<Prepared> {
  const prepared: Prepared = { rows: [], recordOf: [], signals: [], outcomes: [] };
  for (const record of records) {
    run.tally.read++;
    prepared.outcomes.push(undefined);
    const refusal = "problem" in record ? unreadable(record) : enter(run, prepared, record);
    if (refusal !== undefined) await refuse(run, prepared, refusal);
  }
  return prepared;
}

function unreadable({ line, problem, raw }: Extract<FileRecord, { readonly problem: string }>): RejectedRow {
  return { line, reason: "unreadable", message: problem, ...(raw === undefined ? {} : { raw }) };
}

/** Reads a record and takes what it gives through the door. */
function enter(run: Run, prepared: Prepared, record: Extract<FileRecord, { readonly value: Json }>): RejectedRow | undefined {
  const reading = readRow(run, record);
  const refusal = "refused" in reading ? { reason: reading.refused, message: reading.reason } : pass(run, prepared, reading);
  return refusal === undefined ? undefined : { line: record.line, ...refusal, record: record.value };
}

type Read = Exclude<Reading, { readonly refused: string }>;

function readRow({ format, fileKind }: Run, record: Extract<FileRecord, { readonly value: Json }>): Reading {
  if (format.read === undefined) return { refused: "unreadable-format", reason: `${format.name} can be written but not read` };
  const group = "group" in record && typeof record.group === "string" ? { group: record.group } : {};
  try {
    return format.read(record.value, { fileKind: fileKind.name, ...group });
  } catch (error) {
    // A cell of a table can hold JSON that is nested deeper than a walk can follow; one such row is no reason to lose the others.
    if (error instanceof RangeError) return { refused: "not-json", reason: "a cell is nested deeper than can be followed" };
    throw error;
  }
}

type Reason = Pick<RejectedRow, "reason" | "message">;

/** Takes every example of a record through the door; a record of which none comes through is rejected with the first reason. */
function pass(run: Run, prepared: Prepared, reading: Read): Reason | undefined {
  const { tally, options } = run;
  const liked = reading.examples.filter((example) => (example.engagement?.likes ?? 0) >= (options.minLikes ?? 0));
  const unliked = reading.examples.length - liked.length;
  tally.examples.rejected += unliked;
  let refusal = unliked === 0 ? undefined : { reason: "below-min-likes", message: `fewer than ${options.minLikes} likes` };
  let entered = 0;
  for (const example of liked) {
    const passage = options.door(example, {
      actor: options.actor,
      importId: options.importId,
      defaults: options.defaults,
      sourceIdIsIdentity: reading.sourceIdIsIdentity ?? false,
      remarks: reading.remarks ?? [],
    });
    countRedacted(tally, passage.redacted);
    if ("refused" in passage) {
      tally.examples.rejected++;
      refusal ??= { reason: passage.refused, message: passage.message };
      continue;
    }
    entered++;
    prepared.rows.push(passage.row);
    prepared.recordOf.push(prepared.outcomes.length - 1);
  }
  if (entered > 0 || refusal === undefined) {
    for (const signal of reading.signals ?? []) {
      const passage = passSignal(signal, options.redactor);
      countRedacted(tally, passage.redacted);
      if ("refused" in passage) {
        refusal ??= { reason: passage.refused, message: passage.message };
        continue;
      }
      entered++;
      prepared.signals.push({ signal: passage.signal, record: prepared.outcomes.length - 1 });
    }
  }
  return entered > 0 ? undefined : (refusal ?? { reason: "empty", message: "the row gives no example" });
}

function countRedacted(tally: Tally, redacted: Readonly<Record<string, number>>): void {
  for (const type in redacted) countUp(tally.redacted, type, redacted[type]);
}

async function refuse(run: Run, prepared: Prepared, refusal: RejectedRow): Promise<void> {
  prepared.outcomes[prepared.outcomes.length - 1] = "rejected";
  countRefusal(run.tally, refusal);
  if (!run.options.dryRun) await run.rejected.add(refusal);
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
  const { tally } = run;
  for (const [i, result] of (await sent.captured).entries()) {
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
  if (options.dryRun) return foresee(options.storage, rows, options.onChange ?? "update");
  return options.storage.capture(rows, {
    ...(options.dataset === undefined ? {} : { datasetId: options.dataset.id }),
    ...(options.onChange === undefined ? {} : { onChange: options.onChange }),
    actor: options.actor,
    atMs: options.clock.nowMs(),
    rulesVersion: options.rulesVersion,
  });
}

function better(before: Outcome | undefined, now: Outcome): Outcome {
  if (before === undefined) return now;
  return outcomes.indexOf(now) < outcomes.indexOf(before) ? now : before;
}

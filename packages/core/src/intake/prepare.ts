import type { Format, Reading } from "../formats/format.ts";
import type { Redactor } from "../privacy/redactor.ts";
import type { Described } from "../schema/example.ts";
import type { FileKind, FileRecord } from "../schema/file-kind.ts";
import type { Json } from "../schema/json.ts";
import type { Signal } from "../schema/signal.ts";
import type { NewRow } from "../storage/storage.ts";
import type { Door } from "./door.ts";
import type { RejectedRow, RejectedRows } from "./rejected.ts";
import type { Outcome, Tally } from "./report.ts";
import { countRefusal, countUp } from "./report.ts";
import { passSignal } from "./signal-door.ts";

/** What records of a file pass on their way in. */
export interface EntryOptions {
  readonly door: Door;
  readonly redactor: Redactor;
  readonly importId: string;
  readonly defaults: Described;
  /** Rows whose `engagement.likes` is lower, or unknown, are refused as `below-min-likes`. */
  readonly minLikes?: number;
  readonly dryRun: boolean;
  readonly actor: string;
}

/** An import under way, as far as its records are concerned. */
export interface Entry {
  readonly options: EntryOptions;
  readonly format: Format;
  readonly fileKind: FileKind;
  readonly tally: Tally;
  readonly rejected: RejectedRows;
}

/** Rows of a batch on their way: which row of the file each example belongs to. */
export interface Prepared {
  readonly rows: NewRow[];
  /** For every row to be stored, the index of its record. */
  readonly recordOf: number[];
  readonly signals: { readonly signal: Signal; readonly record: number }[];
  readonly outcomes: (Outcome | undefined)[];
}

/** Reads the records of a batch and takes what they give through the door; refused rows are listed at once. */
export async function prepare(run: Entry, records: readonly FileRecord[]): Promise<Prepared> {
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
function enter(run: Entry, prepared: Prepared, record: Extract<FileRecord, { readonly value: Json }>): RejectedRow | undefined {
  const reading = readRow(run, record);
  const refusal = "refused" in reading ? { reason: reading.refused, message: reading.reason } : pass(run, prepared, reading);
  return refusal === undefined ? undefined : { line: record.line, ...refusal, record: record.value };
}

type Read = Exclude<Reading, { readonly refused: string }>;

function readRow({ format, fileKind }: Entry, record: Extract<FileRecord, { readonly value: Json }>): Reading {
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
function pass(run: Entry, prepared: Prepared, reading: Read): Reason | undefined {
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

async function refuse(run: Entry, prepared: Prepared, refusal: RejectedRow): Promise<void> {
  prepared.outcomes[prepared.outcomes.length - 1] = "rejected";
  countRefusal(run.tally, refusal);
  if (!run.options.dryRun) await run.rejected.add(refusal);
}

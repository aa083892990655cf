import { z } from "zod";
import { TilthError } from "../errors.ts";

/** Why rows were refused: a countable reason, how often, and where it first happened. */
export interface Refusal {
  readonly reason: string;
  readonly message: string;
  readonly count: number;
  /** Lines of the file, the first five. */
  readonly lines: readonly number[];
}

/**
 * What an import did. It adds up: `read = accepted + updated + duplicate + rejected`, counted in rows of the file.
 *
 * A row that gives several examples counts once, as the best of what became of them; `examples` counts the examples themselves.
 */
export interface ImportReport {
  readonly id: string;
  readonly file: string;
  readonly dataset?: string;
  readonly dryRun: boolean;
  readonly layout: { readonly name: string; readonly reason: string };
  readonly format: { readonly name: string; readonly reason: string };
  /** `FIELD=VALUE` lines, where a map read the rows. */
  readonly map?: readonly string[];
  /** Somebody stopped it: what is counted is done, the rest of the file was not read. The same import goes on from here. */
  readonly stopped?: true;
  /** What the reader decided about the bytes, one sentence each. */
  readonly notes: readonly string[];
  readonly read: number;
  readonly accepted: number;
  readonly updated: number;
  readonly duplicate: number;
  readonly rejected: number;
  readonly examples: { readonly accepted: number; readonly updated: number; readonly duplicate: number; readonly rejected: number };
  readonly signals: number;
  /** Stored although another example asks the same and is answered otherwise. */
  readonly conflicts: number;
  /** Duplicates of examples that lie in the trash. */
  readonly trashed: number;
  readonly kinds: Readonly<Record<string, number>>;
  readonly tiers: Readonly<Record<string, number>>;
  /** Findings by rule. */
  readonly findings: Readonly<Record<string, number>>;
  /** Personal data taken out, by type. */
  readonly redacted: Readonly<Record<string, number>>;
  readonly refusals: readonly Refusal[];
  /** Where the refused rows lie, redacted, with line and reason. */
  readonly rejectedFile?: string;
  readonly sizeBytes: number;
  /** SHA-256 of the file as it was read. */
  readonly sha256: string;
  readonly elapsedMs: number;
}

const count = z.int().min(0);
const counts = z.record(z.string(), count);
const decided = z.object({ name: z.string(), reason: z.string() });

export const importReportSchema: z.ZodType<ImportReport> = z.object({
  id: z.string(),
  file: z.string(),
  dataset: z.exactOptional(z.string()),
  dryRun: z.boolean(),
  layout: decided,
  format: decided,
  map: z.exactOptional(z.array(z.string()).readonly()),
  stopped: z.exactOptional(z.literal(true)),
  notes: z.array(z.string()),
  read: count,
  accepted: count,
  updated: count,
  duplicate: count,
  rejected: count,
  examples: z.object({ accepted: count, updated: count, duplicate: count, rejected: count }),
  signals: count,
  conflicts: count,
  trashed: count,
  kinds: counts,
  tiers: counts,
  findings: counts,
  redacted: counts,
  refusals: z.array(z.object({ reason: z.string(), message: z.string(), count, lines: z.array(count) })),
  rejectedFile: z.exactOptional(z.string()),
  sizeBytes: count,
  sha256: z.string(),
  elapsedMs: z.number(),
});

/** What becomes of one row of a file, from best to worst. */
export const outcomes = ["accepted", "updated", "duplicate", "rejected"] as const;
export type Outcome = (typeof outcomes)[number];

const LINES_SHOWN = 5;

/** Counts of a running import. Mutable on purpose: it lives as long as one import and is read once. */
export interface Tally {
  read: number;
  readonly rows: Record<Outcome, number>;
  readonly examples: Record<Outcome, number>;
  signals: number;
  conflicts: number;
  trashed: number;
  readonly kinds: Map<string, number>;
  readonly tiers: Map<string, number>;
  readonly findings: Map<string, number>;
  readonly redacted: Map<string, number>;
  readonly refusals: Map<string, { reason: string; message: string; count: number; lines: number[] }>;
}

export function newTally(): Tally {
  return {
    read: 0,
    rows: { accepted: 0, updated: 0, duplicate: 0, rejected: 0 },
    examples: { accepted: 0, updated: 0, duplicate: 0, rejected: 0 },
    signals: 0,
    conflicts: 0,
    trashed: 0,
    kinds: new Map(),
    tiers: new Map(),
    findings: new Map(),
    redacted: new Map(),
    refusals: new Map(),
  };
}

export function countUp(counter: Map<string, number>, key: string, by = 1): void {
  counter.set(key, (counter.get(key) ?? 0) + by);
}

/** Notes a refusal under its reason, with the first lines it happened on. */
export function countRefusal(tally: Tally, refusal: { readonly reason: string; readonly message: string; readonly line: number }): void {
  const known = tally.refusals.get(refusal.reason);
  if (known === undefined) {
    tally.refusals.set(refusal.reason, { reason: refusal.reason, message: refusal.message, count: 1, lines: [refusal.line] });
    return;
  }
  known.count++;
  if (known.lines.length < LINES_SHOWN) known.lines.push(refusal.line);
}

/** Counts as a plain object, most frequent first, so that reports read well and are the same every time. */
export function sortedCounts(counter: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counter].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)));
}

/** The part of a report that counts. */
type Summary = Pick<ImportReport, Exclude<keyof Tally, "rows"> | Outcome>;

/**
 * The counts of an import that has ended.
 *
 * @throws {@link TilthError} `import/unbalanced` where a row was lost.
 */
export function summarize(tally: Tally): Summary {
  const { accepted, updated, duplicate, rejected } = tally.rows;
  if (tally.read !== accepted + updated + duplicate + rejected) {
    throw new TilthError("import/unbalanced", { read: tally.read, sum: accepted + updated + duplicate + rejected });
  }
  return {
    read: tally.read,
    accepted,
    updated,
    duplicate,
    rejected,
    examples: { ...tally.examples },
    signals: tally.signals,
    conflicts: tally.conflicts,
    trashed: tally.trashed,
    kinds: sortedCounts(tally.kinds),
    tiers: sortedCounts(tally.tiers),
    findings: sortedCounts(tally.findings),
    redacted: sortedCounts(tally.redacted),
    refusals: [...tally.refusals.values()].sort((a, b) => b.count - a.count),
  };
}

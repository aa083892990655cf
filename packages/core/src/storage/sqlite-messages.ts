import type { SQLInputValue } from "node:sqlite";
import type { Engagement } from "../schema/example.ts";
import type { Finding } from "../schema/finding.ts";
import type { Signal } from "../schema/signal.ts";
import type { AuditEntry } from "./audit-chain.ts";
import type { DuplicateChoice } from "./sqlite-duplicates.ts";
import type { Statement, StatementResult } from "./sqlite-statements.ts";
import type { Failure } from "./sqlite-errors.ts";
import type {
  CaptureOptions,
  Changed,
  ChangeOptions,
  DuplicateMark,
  DuplicatesMarked,
  Fed,
  Freshness,
  FreshnessSet,
  MarkOptions,
  Metric,
  NamedScore,
  Recount,
  RowChange,
  Used,
  UseOptions,
  WriteResult,
} from "./storage.ts";

/** What hangs on one of the rows beside its columns; most rows have no such entry. */
export interface RowExtra {
  readonly index: number;
  readonly findings?: readonly Finding[];
  readonly scores?: readonly NamedScore[];
  readonly engagement?: Engagement;
  readonly subjectId?: string;
}

/**
 * Rows on their way to the writer, flat: the values of row `i` start at `i * columns.length`, its two hashes at byte `i * 32`.
 *
 * A thousand objects of fifty members cost the structured clone more than the insert; one array costs a tenth of it.
 */
export interface PackedRows {
  readonly count: number;
  /** Only columns that are not null in every row. */
  readonly columns: readonly string[];
  readonly values: readonly SQLInputValue[];
  readonly hashes: Uint8Array;
  /** In the order of their rows. */
  readonly extras: readonly RowExtra[];
  /** 1 where the source id names one record for good. */
  readonly identities: Uint8Array;
}

/** What became of a row that was not simply accepted under its own id. */
export interface Outcome {
  readonly index: number;
  readonly status: "accepted" | "updated" | "duplicate";
  readonly id: string;
  readonly conflict?: true;
  readonly trashed?: true;
  readonly sharedSourceId?: true;
}

export interface MemberChange {
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/** A piece of work that is done whole or not at all. */
export type Unit =
  | { readonly kind: "capture"; readonly rows: PackedRows; readonly options: CaptureOptions }
  | { readonly kind: "change"; readonly changes: readonly RowChange[]; readonly options: ChangeOptions }
  | { readonly kind: "signals"; readonly signals: readonly Signal[] }
  | { readonly kind: "members"; readonly datasetId: string; readonly change: MemberChange; readonly options: ChangeOptions }
  | { readonly kind: "write"; readonly statements: readonly Statement[] }
  | { readonly kind: "uses"; readonly ids: readonly string[]; readonly options: UseOptions }
  | { readonly kind: "mark-duplicates"; readonly marks: readonly DuplicateMark[]; readonly options: MarkOptions }
  | { readonly kind: "clear-duplicates"; readonly choice: DuplicateChoice }
  | { readonly kind: "metrics"; readonly rows: readonly Metric[] }
  | { readonly kind: "setting"; readonly key: string; readonly json: string; readonly atMs: number }
  | { readonly kind: "freshness"; readonly rows: readonly Freshness[] }
  | { readonly kind: "audit"; readonly entries: readonly AuditEntry[] }
  | { readonly kind: "feed"; readonly atMs: number }
  | { readonly kind: "recount"; readonly repair: boolean };

/** What each unit answers with. */
export interface Answers {
  readonly capture: readonly Outcome[];
  readonly change: readonly Changed[];
  readonly signals: number;
  readonly members: number;
  readonly write: WriteResult;
  readonly uses: Used;
  readonly "mark-duplicates": DuplicatesMarked;
  readonly "clear-duplicates": number;
  readonly metrics: undefined;
  readonly setting: undefined;
  readonly freshness: FreshnessSet;
  readonly audit: undefined;
  readonly feed: Fed;
  readonly recount: Recount;
}

/** Steps that are not part of a group: those of a transaction that is led from the other thread, of a bulk load, and the last one. */
export type Step =
  | { readonly kind: "begin" }
  | { readonly kind: "query"; readonly statement: Statement }
  | { readonly kind: "commit" }
  | { readonly kind: "rollback" }
  | { readonly kind: "begin-bulk" }
  | { readonly kind: "end-bulk" }
  | { readonly kind: "close" };

const stepKinds: ReadonlySet<string> = new Set<Step["kind"]>(["begin", "query", "commit", "rollback", "begin-bulk", "end-bulk", "close"]);

/** True for a step, false for a unit. */
export function isStep(work: Unit | Step): work is Step {
  return stepKinds.has(work.kind);
}

export interface Request {
  readonly call: number;
  readonly work: Unit | Step;
}

export type Answer = Answers[keyof Answers] | StatementResult | undefined;

export type Reply = { readonly call: number; readonly answer: Answer } | { readonly call: number; readonly failure: Failure };

/** What the writer says once, before it takes requests. */
export type Hello = { readonly opened: { readonly id: string; readonly schemaVersion: number } } | { readonly failure: Failure };

/** What the writer is started with. */
export interface WriterOptions {
  readonly path: string;
  readonly synchronous: "FULL" | "NORMAL";
  readonly busyTimeoutMs: number;
  readonly idleMs: number;
  readonly openedAtMs: number;
}

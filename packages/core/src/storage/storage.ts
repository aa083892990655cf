import type { CompiledQuery, Compilable, Kysely } from "kysely";
import type { Finding } from "../schema/finding.ts";
import type { ExampleRow } from "../schema/row.ts";
import type { Engagement } from "../schema/example.ts";
import type { Signal } from "../schema/signal.ts";
import type { Pool } from "./tables.ts";

/** Queries over the pool's tables; only `storage/` writes with them. */
export type Queries = Kysely<Pool>;

/** What an engine can do; callers ask for the property, never for the engine's name. */
export interface StorageCapabilities {
  readonly writers: "one" | "many";
  readonly cut: "sequence" | "snapshot" | "lag";
  readonly changeLog: "trigger" | "explicit";
  readonly search: "fts5" | "tsvector" | "none";
  readonly wake: "poll" | "notify";
  readonly partitions: boolean;
}

/** One named score of a row; `version` names the rules and packs it was computed with. */
export interface NamedScore {
  readonly name: string;
  readonly value: number;
  readonly tier?: string;
  readonly factors: Readonly<Record<string, number>>;
  readonly version: string;
}

/** An example ready to be stored, with everything that hangs on it. */
export interface NewRow {
  readonly row: ExampleRow;
  readonly tags: readonly string[];
  readonly findings: readonly Finding[];
  readonly scores: readonly NamedScore[];
  readonly engagement?: Engagement;
  /** Keyed hash of a person's identifier, hex. */
  readonly subjectId?: string;
  /** True where the source id names one record for good; false where several records may carry it, as a conversation's. */
  readonly sourceIdIsIdentity: boolean;
}

export type OnChange = "update" | "skip" | "add";

export interface CaptureOptions {
  /** Every row, also one that was there already, becomes a member. */
  readonly datasetId?: string;
  readonly actor: string;
  readonly atMs: number;
  /** What to do with a known source id whose content differs. @defaultValue `"update"` */
  readonly onChange?: OnChange;
  /** Version of the rules that made the findings. */
  readonly rulesVersion: string;
}

/** What became of one row. */
export interface Captured {
  readonly status: "accepted" | "updated" | "duplicate";
  /** The example that stands for it now: itself, or the one that was there. */
  readonly id: string;
  /** Stored although another example of its kind asks the same and answers otherwise. */
  readonly conflict?: true;
  /** Duplicate of an example that lies in the trash: `restore` brings it back. */
  readonly trashed?: true;
  /** Its source id had been used by another record of the same import, so it identifies nothing. */
  readonly sharedSourceId?: true;
}

/** An edit that applies only to the revision it was made for. */
export interface RowChange {
  readonly id: string;
  /** Absent = whatever revision is current. */
  readonly rev?: number;
  readonly set: Partial<Omit<ExampleRow, "id" | "rev" | "updated_at">>;
  /** Absent = as they are. */
  readonly tags?: readonly string[];
  readonly findings?: readonly Finding[];
  readonly scores?: readonly NamedScore[];
}

export interface ChangeOptions {
  readonly actor: string;
  readonly atMs: number;
  /** The verb, as history shows it. */
  readonly op: string;
  readonly reason?: string;
  readonly rulesVersion?: string;
}

export type Changed =
  | { readonly status: "changed"; readonly id: string; readonly rev: number }
  | { readonly status: "missing"; readonly id: string }
  /** Somebody else was first: `current` is the revision there now. */
  | { readonly status: "stale"; readonly id: string; readonly current: number }
  /** The new content equals another example's. */
  | { readonly status: "duplicate"; readonly id: string; readonly twin: string };

export interface WriteResult {
  readonly changes: number;
}

export interface ScanOptions {
  /** @defaultValue 1_000 */
  readonly batchRows?: number;
  readonly signal?: AbortSignal;
}

/** The pool as it stands, in one snapshot. */
export interface Snapshot {
  readonly queries: Queries;
  /** The last change this snapshot sees. */
  readonly seq: number;
  /** Streams the rows of a query as arrays of column values, in the order selected: the fast way through many rows. */
  readonly scan: (query: Compilable<unknown>, options?: ScanOptions) => AsyncIterable<readonly (readonly ColumnValue[])[]>;
}

export type ColumnValue = null | number | string | Uint8Array;

/**
 * The live pool: many small durable writes from several processes, and consistent reads.
 *
 * Every engine passes `contract.ts`. Whatever a call acknowledged is durable: it survives `kill -9`, and with the default durability a
 * power cut.
 */
export interface Storage {
  readonly capabilities: StorageCapabilities;
  readonly schemaVersion: number;
  /** Names this pool for good, in manifests and backups. */
  readonly id: string;
  /** Runs `work` on one consistent snapshot; never awaits anything but the snapshot inside. */
  read<T>(work: (snapshot: Snapshot) => Promise<T>): Promise<T>;
  /** Runs each unit atomically; several are committed together; resolves after the durable commit. */
  write(units: readonly (readonly CompiledQuery[])[]): Promise<readonly WriteResult[]>;
  /** An interactive read-modify-write; retried when another writer was in the way. Not for the tables that hang on `example`. */
  transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T>;
  /** The hot way in: stores rows with tags, findings, scores, counters, membership and change log, in order, one result a row. */
  capture(rows: readonly NewRow[], options: CaptureOptions): Promise<readonly Captured[]>;
  /**
   * Runs `work`, whose captures may build what belongs to the whole pool once at the end: faster, where the pool holds no example yet.
   *
   * Elsewhere `work` just runs. Meanwhile other processes are refused as `storage/busy`. What was acknowledged inside is durable all the same.
   */
  bulk<T>(work: () => Promise<T>): Promise<T>;
  /** Appends signals; a known id is skipped. Resolves with how many were new. */
  addSignals(signals: readonly Signal[]): Promise<number>;
  /** Edits rows and keeps what they were; each change stands alone. */
  change(changes: readonly RowChange[], options: ChangeOptions): Promise<readonly Changed[]>;
  /** Takes away or gives memberships of a dataset. Resolves with how many changed. */
  setMembers(
    datasetId: string,
    change: { readonly add?: readonly string[]; readonly remove?: readonly string[] },
    options: ChangeOptions,
  ): Promise<number>;
  close(): Promise<void>;
}

import type { CompiledQuery, Compilable, Kysely } from "kysely";
import type { Filter } from "../schema/filter.ts";
import type { Finding } from "../schema/finding.ts";
import type { ExampleRow } from "../schema/row.ts";
import type { Engagement } from "../schema/example.ts";
import type { Json } from "../schema/json.ts";
import type { Signal } from "../schema/signal.ts";
import type { AuditEntry } from "./audit-chain.ts";
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
  /** Ids of the only datasets the sender reaches: what is a member of none of them is neither updated by its source id nor joined by its id. */
  readonly withinDatasets?: readonly string[];
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

export interface SearchOptions {
  readonly where?: Filter;
  /** A dataset's id: only its members. */
  readonly datasetId?: string;
  /** 1 to 1,000. */
  readonly limit: number;
  /** The `next` of the page before. */
  readonly cursor?: string;
  /** How long the search may wait for the index to catch up with the pool. @defaultValue 500, and 20 where others are served meanwhile */
  readonly budgetMs?: number;
  /** Asked now and then while the pool is gone through. */
  readonly signal?: AbortSignal;
}

/** The text of an example that a hit lies in; `messages` are earlier turns. */
export type SearchField = "input" | "output" | "context" | "rejected" | "messages" | "tags";

/** A piece of a text of the example; all offsets are code points, ends exclusive. */
export interface Snippet {
  readonly field: SearchField;
  readonly text: string;
  /** Where the piece begins in the text it is from. */
  readonly start: number;
  /** What was sought, as offsets in `text`; none where the example changed since it was indexed. */
  readonly marks: readonly { readonly start: number; readonly end: number }[];
  /** The text goes on after the piece. */
  readonly isCut: boolean;
}

export interface SearchHit {
  readonly id: string;
  readonly n: number;
  /** The higher the better, within one search. */
  readonly score: number;
  readonly snippet: Snippet;
}

export interface SearchPage {
  /** Best first. */
  readonly hits: readonly SearchHit[];
  /** Absent on the last page. */
  readonly next?: string;
  /** How many changes of the pool the index has not seen; 0 = the answer is complete. */
  readonly pending: number;
}

/** How far the search index has come. */
export interface Fed {
  /** Examples written to the index by this call. */
  readonly examples: number;
  readonly pending: number;
}

export interface UseOptions {
  /** The export or run; an example is used once under one name, however often it is marked. */
  readonly name: string;
  readonly kind: "export" | "run";
  /** The run's id. @defaultValue the name, where the kind is `run` */
  readonly runId?: string;
  readonly actor: string;
  readonly atMs: number;
}

export interface Used {
  readonly marked: number;
  /** Marked under this name before. */
  readonly known: number;
  /** Ids that lead to no example. */
  readonly missing: readonly string[];
}

/** What was compared: the words of input and output, the prompt alone, or shingles of words. */
export type DuplicateStrategy = "content" | "input" | "near";

/** Says that an example repeats another one, which is kept in its place. */
export interface DuplicateMark {
  readonly id: string;
  /** The example that is kept; a search never marks it as well. */
  readonly witnessId: string;
  /** Measured, not estimated: 0 to 1. */
  readonly similarity: number;
  /** The finding that the example gets. */
  readonly rule: "exact-duplicate" | "near-duplicate";
}

export interface MarkOptions {
  /** Names the search: what {@link Storage.clearDuplicates} undoes. */
  readonly runId: string;
  readonly strategy: DuplicateStrategy;
  /** A dataset's id. @defaultValue the whole pool */
  readonly scope?: string;
  /** 0 to 1. */
  readonly threshold: number;
  /** Words a shingle, where shingles were compared. */
  readonly shingleWords?: number;
  /** How it was searched, as the report names it: `text-key`, `exact`, `bands` … */
  readonly method: string;
  /** Of the kernels that compared. */
  readonly version: string;
  /** The `seq` of the snapshot that was compared: examples that changed since are skipped. */
  readonly seq?: number;
  readonly actor: string;
  readonly atMs: number;
}

export interface DuplicatesMarked {
  readonly marked: number;
  /** Marks of other searches that these took the place of. */
  readonly replaced: number;
  /** Ids that were not marked: one of the two changed, is gone, lies in the trash, or the witness would be left out where the example is not. */
  readonly skipped: readonly string[];
}

/** A point of a time series. */
export interface Metric {
  /** Whole days since 1970, UTC. */
  readonly day: number;
  readonly name: string;
  /** What the point is of, where a series has several: a type, a dataset. @defaultValue `""` */
  readonly dimension?: string;
  readonly value: number;
}

export interface Freshness {
  readonly id: string;
  /** 0 to 1. */
  readonly freshness: number;
  readonly atMs: number;
}

export interface FreshnessSet {
  readonly set: number;
  /** Ids that lead to no example. */
  readonly missing: readonly string[];
}

/** How far a backup has come. */
export interface BackupProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface BackupOptions {
  readonly progress?: (progress: BackupProgress) => void;
  readonly signal?: AbortSignal;
}

/** What is kept twice and did not equal what it is kept from. */
export interface Recount {
  /** Counts that were wrong, sorted by facet and value; 0 = not there. */
  readonly counters: readonly { readonly facet: string; readonly value: string; readonly kept: number; readonly counted: number }[];
  /** Ids of examples whose row of small codes, which filtered counts read, was wrong or missing. */
  readonly facets: readonly string[];
  /** Ids of examples whose list of tags and whose tags to look up by differed. */
  readonly tags: readonly string[];
  readonly repaired: boolean;
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
  /**
   * The same for what may take more than a few milliseconds: in a server nothing else waits for it. Queries that are asked for at once travel
   * together.
   */
  readAside<T>(work: (snapshot: Pick<Snapshot, "queries">) => Promise<T>): Promise<T>;
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
  /**
   * Finds examples by words of their texts, best first; what lies in the trash is not found.
   *
   * All words must occur; `"words in a row"` in this order; `-word` must not. Case and the accents of Latin letters do not count. Nothing is
   * a mistake: a query without a word to look for finds nothing. Where more than 2,000 examples fit, the newest 2,000 are ranked.
   *
   * @throws {@link TilthError} `input/invalid` for a cursor that is not ours and for more than 1,000 words.
   */
  search(query: string, options: SearchOptions): Promise<SearchPage>;
  /** Lets the search index catch up with the pool, at least a batch, then for as long as the budget allows; for after an import. */
  feedSearch(budgetMs: number, options?: { readonly signal?: AbortSignal }): Promise<Fed>;
  /** Keeps that examples were exported or trained on. Durable in pieces of 5,000 ids: a call that was cut off is made again. */
  markUsed(ids: readonly string[], options: UseOptions): Promise<Used>;
  /**
   * Keeps which examples repeat another one, with a finding each, in place of what earlier searches of this strategy and scope found.
   *
   * An example has one mark, the newest. Whoever is a witness has none, and its marks end when its content changes, when it goes to the
   * trash, or when it is left out where they are not: nothing is hidden without something kept in its place. No mark is a new revision.
   * Durable in pieces of 5,000, the older marks going first: a call that was cut off hides less, and is made again.
   *
   * @throws {@link TilthError} `input/invalid` where a witness is marked itself.
   */
  markDuplicates(marks: readonly DuplicateMark[], options: MarkOptions): Promise<DuplicatesMarked>;
  /** Takes away what a search marked, findings and all; what it replaced does not come back. Resolves with how many. */
  clearDuplicates(search: { readonly runId: string }): Promise<number>;
  /** Keeps points of time series; one that is there already is replaced. Durable in pieces of 5,000. */
  addMetrics(metrics: readonly Metric[]): Promise<void>;
  /**
   * Keeps a setting, any JSON; `readSetting` reads it.
   *
   * @throws {@link TilthError} `storage/refused` for `bulk` and `pool.…`, which are the pool's own.
   */
  setSetting(key: string, value: Json): Promise<void>;
  /** Keeps how unlike everything earlier examples are; no new revision. Durable in pieces of 5,000. */
  setFreshness(rows: readonly Freshness[]): Promise<FreshnessSet>;
  /**
   * Appends entries to the audit, in order: to the hash chain of this writer. They share a commit with whatever waits beside them. None at all
   * only makes the writer ready.
   */
  addAudit(entries: readonly AuditEntry[]): Promise<void>;
  /**
   * Copies the pool, as it is at this moment, into a new file, while others write. The file appears when it is whole and durable.
   *
   * @throws {@link TilthError} `storage/exists`, `storage/not-writable`, `storage/full`; the signal's reason.
   */
  backup(path: string, options?: BackupOptions): Promise<void>;
  /**
   * Counts again what is kept twice (counters, facets, tags) and, unless told otherwise, corrects it in the same transaction.
   *
   * Reads the whole pool; writers wait meanwhile.
   */
  recount(options?: { readonly repair?: boolean }): Promise<Recount>;
  close(): Promise<void>;
}

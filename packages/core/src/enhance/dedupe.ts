import { performance } from "node:perf_hooks";
import type { Filter } from "../schema/filter.ts";
import { printFilter } from "../schema/filter-print.ts";
import type { DuplicateStrategy, Storage } from "../storage/storage.ts";
import { loadByteKernels } from "../text/kernels/load.ts";
import { keepOtherAnswers } from "./dedupe-answers.ts";
import type { Decided } from "./dedupe-decide.ts";
import { decide } from "./dedupe-decide.ts";
import type { Kept, Keeping } from "./dedupe-keep.ts";
import { markDropped, trashDropped } from "./dedupe-keep.ts";
import type { Choice, ReadExamples } from "./dedupe-read.ts";
import { readExamples } from "./dedupe-read.ts";
import type { ShownCluster, ShownConflict, SimilarityStep } from "./dedupe-show.ts";
import { showClusters, showConflicts, similaritySteps } from "./dedupe-show.ts";
import { strategies } from "./dedupe-strategies.ts";

/** How far a search has come. */
export interface DedupeProgress {
  readonly step: "reading" | "comparing" | "marking" | "moving to the trash";
  readonly done: number;
  readonly total: number;
}

export interface DedupeRequest extends Choice {
  readonly strategy: DuplicateStrategy;
  /** Jaccard similarity of the shingles of two texts from which on they repeat each other, above 0 up to 1; 1 for the other strategies. */
  readonly threshold: number;
  /** What becomes of what is dropped; `nothing` finds the same and writes nothing. */
  readonly effect: "nothing" | "marked" | "trashed";
  /** How many clusters and conflicts the report shows. */
  readonly limit: number;
  /** Names the search, for its undoing. */
  readonly runId: string;
  readonly actor: string;
  readonly atMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly progress?: ((progress: DedupeProgress) => void) | undefined;
}

/** What a search for duplicates found, and what became of it. `read = kept + dropped`. */
export interface DedupeReport {
  readonly strategy: DuplicateStrategy;
  readonly threshold: number;
  /** `exact`, `bands+repair`, `text-key`, `prompt-key`; and why it was searched so. */
  readonly method: string;
  readonly reason: string;
  readonly kernel: { readonly version: string; readonly engine: "wasm" | "typescript" };
  readonly shingleWords?: number;
  readonly read: number;
  readonly kept: number;
  readonly dropped: number;
  /** Of those that are dropped, the ones that say what their kept example says word by word. */
  readonly copies: number;
  /** Of those that are kept, the ones without words: they repeat nothing. */
  readonly withoutWords: number;
  readonly similarities: readonly SimilarityStep[];
  readonly clusters: { readonly count: number; readonly first: readonly ShownCluster[] };
  /** Kept examples that answer one input differently. */
  readonly conflicts: { readonly inputs: number; readonly examples: number; readonly first: readonly ShownConflict[] };
  readonly effect: DedupeRequest["effect"];
  /** Absent where nothing was written. */
  readonly run?: { readonly id: string } & Kept;
  readonly elapsedMs: number;
}

/**
 * Finds examples that repeat better ones, and marks them or moves them to the trash.
 *
 * Of examples that say the same, or nearly the same, the one with the best score stays, of equally good ones the oldest, of equally old
 * ones the first by id; each dropped one has a kept witness with its measured similarity. Only examples of one kind repeat each other, and
 * those that answer one input differently are kept both. One snapshot is compared; texts are never in memory all at once, about 4 bytes a
 * word are. The same pool gives the same answer, whatever the order its examples came in.
 *
 * @throws {@link TilthError} `input/invalid` for a threshold out of range; the signal's reason when it is aborted.
 */
export async function dedupe(storage: Storage, request: DedupeRequest): Promise<DedupeReport> {
  const startedMs = performance.now();
  const { effect } = request;
  const { seq, read, decided, report } = await search(storage, request);
  const keeping = effect === "nothing" ? undefined : await keep(storage, { seq, read, decided }, request, effects[effect]);
  return {
    ...report,
    effect,
    ...(keeping === undefined ? {} : { run: { id: request.runId, ...keeping } }),
    elapsedMs: Math.round(performance.now() - startedMs),
  };
}

interface Found {
  readonly seq: number;
  readonly read: ReadExamples;
  readonly decided: Decided;
}

type SearchReport = Omit<DedupeReport, "effect" | "run" | "elapsedMs">;

/** All in one snapshot, so that what is shown is what was compared. */
async function search(storage: Storage, request: DedupeRequest): Promise<Found & { readonly report: SearchReport }> {
  const { threshold, limit, signal, progress } = request;
  const strategy = strategies[request.strategy];
  const kernels = loadByteKernels();
  return storage.read(async (snapshot) => {
    const read = await readExamples(snapshot, request, {
      strategy,
      kernels,
      threshold,
      progress: ({ done, total }) => progress?.({ step: "reading", done, total }),
      ...(signal === undefined ? {} : { signal }),
    });
    const total = read.ids.length;
    progress?.({ step: "comparing", done: 0, total });
    const first = await decide(read, {
      strategy,
      threshold,
      progress: (done) => progress?.({ step: "comparing", done, total }),
      ...(signal === undefined ? {} : { signal }),
    });
    const decided = strategy.keepsOtherAnswers
      ? await keepOtherAnswers(snapshot, { read, decided: first }, { kernels, threshold: strategy.comparesShingles ? threshold : 1 })
      : first;
    progress?.({ step: "comparing", done: total, total });
    signal?.throwIfAborted();
    const isDropped = (row: number): boolean => (decided.witness[row] ?? -1) >= 0;
    const dropped = decided.witness.reduce((sum, by) => sum + Number(by >= 0), 0);
    const report: SearchReport = {
      strategy: strategy.name,
      threshold,
      method: decided.method,
      reason: decided.reason,
      kernel: { version: kernels.version, engine: kernels.engine },
      ...(decided.shingleWords === undefined ? {} : { shingleWords: decided.shingleWords }),
      read: total,
      kept: total - dropped,
      dropped,
      copies: decided.witness.reduce((sum, by, row) => sum + Number(by >= 0 && read.texts[by] === read.texts[row]), 0),
      withoutWords: read.texts.reduce((sum, text) => sum + Number(text < 0), 0),
      similarities: similaritySteps(decided, threshold),
      clusters: await showClusters(snapshot, { read, decided }, limit),
      conflicts: await showConflicts(snapshot, { read, left: strategy.keepsOtherAnswers ? isDropped : () => false }, limit),
    };
    return { seq: snapshot.seq, read, decided, report };
  });
}

const effects = {
  marked: { step: "marking", keep: markDropped },
  trashed: { step: "moving to the trash", keep: trashDropped },
} as const satisfies Record<
  string,
  { readonly step: DedupeProgress["step"]; readonly keep: (storage: Storage, keeping: Keeping) => Promise<Kept> }
>;

async function keep(
  storage: Storage,
  { seq, read, decided }: Found,
  request: DedupeRequest,
  effect: (typeof effects)[keyof typeof effects],
): Promise<Kept> {
  const { strategy, threshold, runId, actor, atMs, signal, progress } = request;
  return effect.keep(storage, {
    read,
    decided,
    marking: {
      runId,
      strategy,
      scope: scopeOf(request),
      threshold,
      ...(decided.shingleWords === undefined ? {} : { shingleWords: decided.shingleWords }),
      method: decided.method,
      version: loadByteKernels().version,
      seq,
      actor,
      atMs,
    },
    signal,
    progress: ({ done, total }) => progress?.({ step: effect.step, done, total }),
  });
}

/** A search over a part of the examples takes the place of one over the same part, not of one over all. */
function scopeOf({ datasetId = "", where }: { readonly datasetId?: string; readonly where?: Filter }): string {
  return where === undefined ? datasetId : `${datasetId} where ${printFilter(where)}`.trim();
}

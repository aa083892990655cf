import type { MarkOptions, Storage } from "../storage/storage.ts";
import type { Decided } from "./dedupe-decide.ts";
import type { ReadExamples } from "./dedupe-read.ts";

/** What a search found, and how its keeping is called. */
export interface Keeping {
  readonly read: ReadExamples;
  readonly decided: Decided;
  readonly marking: MarkOptions;
  readonly signal?: AbortSignal | undefined;
  readonly progress?: (at: { readonly done: number; readonly total: number }) => void;
}

/** What became of the examples that are to be dropped. */
export interface Kept {
  /** Marked, or moved to the trash. */
  readonly changed: number;
  /** Marks of earlier searches that these took the place of. */
  readonly replaced: number;
  /** Ids of those that changed while they were compared, or whose kept example did: they stay as they are. */
  readonly skipped: readonly string[];
}

/** Keeps what repeats what as marks: no example is changed. The marks of earlier searches of the same kind end. */
export async function markDropped(storage: Storage, keeping: Keeping): Promise<Kept> {
  const { read, decided, marking } = keeping;
  let changed = 0;
  let replaced = 0;
  const skipped: string[] = [];
  for await (const rows of droppedRows(keeping)) {
    const marks = rows.map((row) => {
      const by = decided.witness[row] ?? row;
      const rule = read.texts[row] === read.texts[by] ? ("exact-duplicate" as const) : ("near-duplicate" as const);
      return { id: idOf(read, row), witnessId: idOf(read, by), similarity: decided.similarity[row] ?? 1, rule };
    });
    const done = await storage.markDuplicates(marks, marking);
    changed += done.marked;
    replaced += done.replaced;
    skipped.push(...done.skipped);
  }
  return { changed, replaced, skipped };
}

/** Moves what is dropped to the trash, each example with the reason; whatever stops it, the same search goes on from there. */
export async function trashDropped(storage: Storage, keeping: Keeping): Promise<Kept> {
  const { read, marking } = keeping;
  const { actor, atMs } = marking;
  let changed = 0;
  const skipped: string[] = [];
  for await (const rows of droppedRows(keeping)) {
    const standing = await standingWitnesses(storage, keeping, rows);
    skipped.push(...rows.filter((row) => !standing.has(keeping.decided.witness[row] ?? -1)).map((row) => idOf(read, row)));
    const calls = byReason(
      rows.filter((row) => standing.has(keeping.decided.witness[row] ?? -1)),
      keeping,
    );
    // Side by side, since one reason makes one call and the writer commits together what waits.
    const results = await Promise.all(
      [...calls].map(([reason, group]) =>
        storage.change(
          group.map((row) => ({ id: idOf(read, row), rev: read.revs[row] ?? 0, set: { lifecycle: "trashed" } })),
          { op: "trash", reason, actor, atMs },
        ),
      ),
    );
    for (const result of results.flat()) {
      if (result.status === "changed") changed++;
      else skipped.push(result.id);
    }
  }
  return { changed, replaced: 0, skipped };
}

/** What the history of a trashed example says; by its beginning a run is found again. */
function trashReason(runId: string, witnessId: string, similarity: number): string {
  return `${reasonStart(runId)}repeats ${witnessId} (similarity ${(Math.floor(similarity * 1_000) / 1_000).toFixed(3)})`;
}

export function reasonStart(runId: string): string {
  return `dedupe ${runId}: `;
}

/** Pieces that one transaction takes; also an empty one where nothing is dropped, so that earlier marks end. */
async function* droppedRows({ decided, signal, progress }: Keeping): AsyncGenerator<readonly number[], void, undefined> {
  const rows = [...decided.order].filter((row) => (decided.witness[row] ?? -1) >= 0);
  for (let start = 0; start === 0 || start < rows.length; start += ROWS_A_PIECE) {
    signal?.throwIfAborted();
    yield rows.slice(start, start + ROWS_A_PIECE);
    progress?.({ done: Math.min(rows.length, start + ROWS_A_PIECE), total: rows.length });
  }
}

const ROWS_A_PIECE = 5_000;

/** The witnesses that are still what they were when they were compared. */
async function standingWitnesses(storage: Storage, { read, decided }: Keeping, rows: readonly number[]): Promise<ReadonlySet<number>> {
  const witnesses = [...new Set(rows.map((row) => decided.witness[row] ?? row))];
  const revs = await storage.read(async ({ queries }) => {
    const found = new Map<string, number>();
    for (let start = 0; start < witnesses.length; start += IDS_A_QUERY) {
      const ids = witnesses.slice(start, start + IDS_A_QUERY).map((row) => idOf(read, row));
      for (const { id, rev } of await queries.selectFrom("example").select(["id", "rev"]).where("id", "in", ids).execute())
        found.set(id, rev);
    }
    return found;
  });
  return new Set(witnesses.filter((row) => revs.get(idOf(read, row)) === read.revs[row]));
}

const IDS_A_QUERY = 500;

function byReason(rows: readonly number[], { read, decided, marking }: Keeping): ReadonlyMap<string, readonly number[]> {
  const groups = new Map<string, number[]>();
  for (const row of rows) {
    const reason = trashReason(marking.runId, idOf(read, decided.witness[row] ?? row), decided.similarity[row] ?? 1);
    const known = groups.get(reason);
    if (known === undefined) groups.set(reason, [row]);
    else known.push(row);
  }
  return groups;
}

function idOf({ ids }: ReadExamples, row: number): string {
  return ids[row] ?? "";
}

import type { SqlBool } from "kysely";
import { sql } from "kysely";
import { TilthError } from "../errors.ts";
import { changeSelected } from "../storage/change-selected.ts";
import { listDuplicateSearches } from "../storage/duplicates.ts";
import type { Storage } from "../storage/storage.ts";
import { reasonStart } from "./dedupe-keep.ts";

export interface UndoDedupeRequest {
  /** The run, or the start of its id; absent = the newest that something is left of. */
  readonly runId?: string | undefined;
  readonly actor: string;
  readonly atMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly progress?: ((at: { readonly done: number; readonly total: number }) => void) | undefined;
}

/** What was taken back. */
export interface UndoneDedupe {
  readonly runId: string;
  /** Examples that are no longer marked as duplicates. */
  readonly cleared: number;
  /** Examples that came back from the trash. */
  readonly restored: number;
}

/**
 * Takes back a search for duplicates: its marks end, and what it moved to the trash comes back. What somebody restored or trashed since
 * stays as it is.
 *
 * @throws {@link TilthError} `dedupe/nothing-to-undo`, `input/invalid` for the start of several ids.
 */
export async function undoDedupe(storage: Storage, request: UndoDedupeRequest): Promise<UndoneDedupe> {
  const { actor, atMs, signal, progress } = request;
  const runId = await findRun(storage, request.runId);
  const ids = await trashedBy(storage, runId);
  const { changed } = await changeSelected(
    storage,
    { ids },
    {
      op: "restore",
      reason: `undo of dedupe ${runId}`,
      actor,
      atMs,
      dryRun: false,
      // Only active examples are compared, so only such were trashed.
      plan: async (rows) => rows.filter(({ lifecycle }) => lifecycle === "trashed").map(({ id }) => ({ id, set: { lifecycle: "active" } })),
      ...(signal === undefined ? {} : { signal }),
      ...(progress === undefined ? {} : { progress }),
    },
  );
  return { runId, cleared: await storage.clearDuplicates({ runId }), restored: changed };
}

/** @throws {@link TilthError} `dedupe/nothing-to-undo`, `input/invalid` */
async function findRun(storage: Storage, wanted: string | undefined): Promise<string> {
  const runs = await standingRuns(storage);
  const found = wanted === undefined ? runs.slice(0, 1) : runs.filter((run) => run.startsWith(wanted.toUpperCase()));
  const [run, ...others] = found;
  if (run === undefined) throw new TilthError("dedupe/nothing-to-undo", { run: wanted === undefined ? "" : ` ${wanted}` });
  if (others.length > 0)
    throw new TilthError("input/invalid", { where: "run", problem: `${wanted} begins the ids of ${found.join(", ")}` });
  return run;
}

/** The runs that something is left of, newest first: ids ascend with time. */
async function standingRuns(storage: Storage): Promise<readonly string[]> {
  const marked = await listDuplicateSearches(storage);
  const trashed = await storage.read(({ queries }) =>
    queries
      .selectFrom("revision")
      .innerJoin("example", "example.n", "revision.n")
      .select(sql<string>`substr(revision.reason, ${reasonStart("").indexOf(":") + 1}, ${RUN_ID_LENGTH})`.as("run"))
      .distinct()
      .where("example.lifecycle", "=", "trashed")
      .where("revision.op", "=", "trash")
      .where("revision.reason", "like", `${reasonStart("_".repeat(RUN_ID_LENGTH))}%`)
      .where(isLastTrashing)
      .execute(),
  );
  return [...new Set([...marked.map(({ runId }) => runId), ...trashed.map(({ run }) => run)])].toSorted().toReversed();
}

/** Ids of what a run moved to the trash and what has lain there since. */
async function trashedBy(storage: Storage, runId: string): Promise<readonly string[]> {
  const found = await storage.read(({ queries }) =>
    queries
      .selectFrom("revision")
      .innerJoin("example", "example.n", "revision.n")
      .select("example.id")
      .where("example.lifecycle", "=", "trashed")
      .where("revision.op", "=", "trash")
      .where("revision.reason", "like", `${reasonStart(runId)}%`)
      .where(isLastTrashing)
      .orderBy("example.n")
      .execute(),
  );
  return found.map(({ id }) => id);
}

/** Nobody trashed the example again later, after it had come back. */
const isLastTrashing = sql<SqlBool>`not exists (
  select 1 from revision as later where later.n = revision.n and later.rev > revision.rev and later.op = 'trash'
)`;

/** A ULID. */
const RUN_ID_LENGTH = 26;

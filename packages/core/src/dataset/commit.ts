import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { TilthError } from "../errors.ts";
import type { Objects } from "../objects/objects.ts";
import { putJson } from "../objects/objects.ts";
import { versionColumns } from "../schema/column.ts";
import type { Chunk, Manifest, Recipe, RefEntry, SplitRule, VersionStatistics } from "../schema/manifest.ts";
import type { Storage } from "../storage/storage.ts";
import { canonicalJson } from "../text/canonical.ts";
import type { Clock } from "../text/ulid.ts";
import type { ChangeCounts } from "./changes.ts";
import type { Row } from "./cells.ts";
import { countChanges, sameRows } from "./changes.ts";
import { defaultTargetRows, writeChunks } from "./chunk.ts";
import { nextRevision } from "./datasets.ts";
import type { Duck } from "./duckdb.ts";
import { knownFormat, readChunks, readManifest, writePages } from "./manifest.ts";
import { countRows, poolRows } from "./pool-rows.ts";
import { headOf, mainBranch, refKey } from "./refs.ts";
import type { SplitRatios } from "./split.ts";
import { createSplitRule } from "./split.ts";
import { createStatistics } from "./statistics.ts";
import type { WrittenChunks } from "./written-chunks.ts";
import { openWrittenChunks } from "./written-chunks.ts";

export interface CommitOptions {
  readonly storage: Storage;
  readonly objects: Objects;
  readonly duck: Duck;
  /** Id of the dataset. */
  readonly dataset: string;
  /** @defaultValue all members */
  readonly recipe?: Recipe;
  /** @defaultValue `"main"` */
  readonly branch?: string;
  readonly message: string;
  readonly actor: string;
  readonly clock: Clock;
  /** The next label is Major + 1 . 0. @defaultValue false */
  readonly major?: boolean;
  /** @defaultValue those of the version before, else .9, .05, .05 */
  readonly ratios?: SplitRatios;
  /** `total` is unknown where the recipe has a filter. */
  readonly progress?: (state: { readonly done: number; readonly total?: number }) => void;
  readonly signal?: AbortSignal;
  /** What follows `tilth/` in the manifest. */
  readonly toolVersion: string;
  /** For a dataset's first version: rows a chunk aims at; later versions keep it. @defaultValue 65_536 */
  readonly targetRows?: number;
  /** Where a commit that is killed leaves word of the chunks it wrote, for the next one to take over. @defaultValue nowhere */
  readonly indexFolder?: string;
}

export interface Committed {
  /** False when nothing had changed: the rest then tells of the newest version. */
  readonly created: boolean;
  readonly entry: RefEntry;
  readonly manifest: Manifest;
  /** False when the pool's list of versions could not be brought up to date; it can be rebuilt from the store. */
  readonly listed: boolean;
}

const MOST_TRIES = 50;

/**
 * Freezes what a recipe takes from the pool as the next version of a dataset.
 *
 * The version holds what one snapshot of the pool held. It exists when its ref entry is durable, and not before: a crash leaves at most
 * objects that nothing refers to. Rows are streamed; chunks that the newest version holds, or that a commit wrote which was killed, are not
 * written again; nothing changed and the same recipe make no version. When somebody else commits first, the rows are taken from the pool anew.
 *
 * @throws TilthError `filter/…` for a recipe that cannot be read; `split/bad-ratios`; `version/lost-races`; `storage/…`
 */
export async function commitVersion(options: CommitOptions): Promise<Committed> {
  const written = await openWrittenChunks(options.objects, listOf(options));
  const done = async (created: boolean, version: Pick<Draft, "entry" | "manifest">): Promise<Committed> => {
    await written.clear();
    return { created, entry: version.entry, manifest: version.manifest, listed: await listVersion(options, version) };
  };
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    // The head is read before the snapshot is taken: whoever commits in between wins the number, and no older state follows a newer one.
    const head = await readHead(options);
    const draft = await deriveVersion(options, head, written);
    if (draft === undefined && head !== undefined) return done(false, head);
    if (draft !== undefined && (await options.objects.putIfAbsent(draft.key, Buffer.from(canonicalJson(draft.entry)))))
      return done(true, draft);
    await wait(Math.random() * 5 * 2 ** Math.min(tries, 6), undefined, options.signal === undefined ? {} : { signal: options.signal });
  }
  throw new TilthError("version/lost-races", { dataset: options.dataset, tries: MOST_TRIES });
}

function listOf({ indexFolder, dataset, branch = mainBranch }: CommitOptions): string | undefined {
  return indexFolder === undefined ? undefined : join(indexFolder, "commits", `${dataset}-${branch}.jsonl`);
}

interface Head {
  readonly entry: RefEntry;
  readonly manifest: Manifest;
  readonly chunks: readonly Chunk[];
}

interface Draft {
  readonly key: string;
  readonly entry: RefEntry;
  readonly manifest: Manifest;
}

async function readHead({ objects, dataset, branch = mainBranch, clock }: CommitOptions): Promise<Head | undefined> {
  const entry = await headOf(objects, { dataset, branch }, clock);
  if (entry === undefined) return undefined;
  const manifest = await readManifest(objects, entry.manifest);
  return { entry, manifest, chunks: await readChunks(objects, manifest) };
}

/**
 * Writes everything of a version but its ref entry.
 *
 * @param written - Chunks of earlier tries and of commits that were killed, which are taken over; new ones are added.
 * @returns Nothing when the version would equal the head.
 */
async function deriveVersion(options: CommitOptions, head: Head | undefined, written: WrittenChunks): Promise<Draft | undefined> {
  const { storage, objects, duck } = options;
  const recipe = options.recipe ?? { format: knownFormat, from: "members" };
  const split = splitRule(options, head);
  return duck.use(async (session) => {
    const known = new Map(head?.chunks.map((chunk) => [chunk.cells ?? chunk.object, chunk]));
    const statistics = createStatistics(versionColumns, split);
    const targetRows = head?.manifest.chunking.targetRows ?? options.targetRows ?? defaultTargetRows;
    const { chunks, seq } = await storage.read(async (snapshot) => {
      const source = { snapshot, dataset: options.dataset, recipe, nowMs: options.clock.nowMs() };
      const total = recipe.where === undefined ? await countRows(source) : undefined;
      let done = 0;
      const rows = passed(poolRows(source, options.signal), (batch) => {
        statistics.add(batch);
        done += batch.length;
        options.progress?.(total === undefined ? { done } : { done, total });
      });
      const stop = options.signal === undefined ? {} : { signal: options.signal };
      return {
        seq: snapshot.seq,
        chunks: await writeChunks(rows, {
          objects,
          session,
          columns: versionColumns,
          targetRows,
          reuse: ({ cells }) => known.get(cells) ?? written.find(cells),
          onWritten: (chunk) => written.add(chunk),
          ...stop,
        }),
      };
    });
    const before = { chunks: head?.chunks ?? [], columns: head?.manifest.schema ?? versionColumns };
    const sameRecipe = await putJson(objects, recipe, new Set(head === undefined ? [] : [head.manifest.provenance.recipe]));
    if (head !== undefined && isUnchanged(head, { chunks, recipe: sameRecipe, split })) return undefined;
    const counts = await countChanges(session, objects, before, { chunks, columns: versionColumns });
    return describe(options, { head, chunks, split, recipe: sameRecipe, seq, targetRows, counts, statistics: statistics.finish() });
  });
}

/** Rows as they come, each batch shown to a reader first. */
async function* passed(batches: AsyncIterable<readonly Row[]>, show: (batch: readonly Row[]) => void): AsyncIterable<readonly Row[]> {
  for await (const batch of batches) {
    show(batch);
    yield batch;
  }
}

interface Derived {
  readonly head: Head | undefined;
  readonly chunks: readonly Chunk[];
  readonly split: SplitRule;
  readonly recipe: string;
  /** The last change of the pool the version holds. */
  readonly seq: number;
  readonly targetRows: number;
  readonly counts: ChangeCounts;
  readonly statistics: VersionStatistics;
}

async function describe(options: CommitOptions, derived: Derived): Promise<Draft> {
  const { objects, dataset, branch = mainBranch, storage } = options;
  const { head, chunks, counts } = derived;
  const pages = await writePages(objects, chunks, new Set(head?.manifest.pages.map((page) => page.page)));
  const at = new Date(options.clock.nowMs()).toISOString();
  const seq = (head?.entry.seq ?? 0) + 1;
  const label = nextLabel(head?.entry.label, options.major ?? false);
  const kind = head === undefined ? "create" : counts.changed + counts.removed === 0 ? "append" : "edit";
  const before = head?.manifest.provenance.pool;
  const held = new Set(head?.chunks.map((chunk) => chunk.object));
  const manifest: Manifest = {
    format: knownFormat,
    dataset,
    branch,
    seq,
    revision: 0,
    label,
    parents: head === undefined ? [] : [{ branch, seq: head.entry.seq, manifest: head.entry.manifest }],
    op: { kind, params: {}, logical: true },
    provenance: {
      by: options.actor,
      at,
      message: options.message,
      tool: `tilth/${options.toolVersion}`,
      recipe: derived.recipe,
      pool: { store: storage.id, fromSeq: before?.store === storage.id ? before.toSeq : 0, toSeq: derived.seq },
      inputs: [],
    },
    schema: versionColumns,
    chunking: { rule: 1, order: ["id"], targetRows: derived.targetRows },
    split: derived.split,
    rows: sum(chunks.map((chunk) => chunk.rows)),
    stats: {
      bytes: sum(chunks.map((chunk) => chunk.bytes)),
      addedBytes: sum(chunks.map((chunk) => (held.has(chunk.object) ? 0 : chunk.bytes))),
      ...counts,
    },
    statistics: derived.statistics,
    pages,
    overlays: [],
    redactions: [],
  };
  const entry: RefEntry = { format: knownFormat, seq, revision: 0, label, manifest: await putJson(objects, manifest), op: kind, at };
  return { key: refKey({ dataset, branch }, seq), entry, manifest };
}

function splitRule({ dataset, ratios }: CommitOptions, head: Head | undefined): SplitRule {
  const before = head?.manifest.split;
  if (before === undefined) return createSplitRule(dataset, ratios);
  return ratios === undefined ? before : { ...createSplitRule(before.salt, ratios), toTrain: before.toTrain };
}

function isUnchanged(head: Head, now: { readonly chunks: readonly Chunk[]; readonly recipe: string; readonly split: SplitRule }): boolean {
  const { provenance, split, schema } = head.manifest;
  if (provenance.recipe !== now.recipe || canonicalJson(split) !== canonicalJson(now.split)) return false;
  if (canonicalJson(schema) !== canonicalJson(versionColumns) || head.chunks.length !== now.chunks.length) return false;
  return now.chunks.every((chunk, index) => {
    const other = head.chunks[index];
    return other !== undefined && sameRows(chunk, other);
  });
}

function nextLabel(label: string | undefined, major: boolean): string {
  if (label === undefined) return "1.0";
  const [whole = 1, part = 0] = label.split(".").map(Number);
  return major ? `${whole + 1}.0` : `${whole}.${part + 1}`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Brings the pool's list of versions up to date. It is a cache: the version stands without it. */
async function listVersion(
  { storage, dataset, branch = mainBranch }: CommitOptions,
  { entry, manifest }: Pick<Draft, "entry" | "manifest">,
): Promise<boolean> {
  const row = {
    dataset_id: dataset,
    branch,
    seq: entry.seq,
    revision: entry.revision,
    label: entry.label,
    manifest: entry.manifest,
    rows: manifest.rows,
    bytes: manifest.stats.bytes,
    quality: manifest.stats.quality ?? null,
    actor: manifest.provenance.by,
    at: Date.parse(entry.at),
    message: manifest.provenance.message,
  };
  try {
    await storage.transaction(async (queries) => {
      const listed = await queries
        .insertInto("version")
        .values(row)
        .onConflict((conflict) => conflict.columns(["dataset_id", "branch", "seq"]).doUpdateSet(row).where("manifest", "!=", row.manifest))
        .executeTakeFirst();
      if (Number(listed.numInsertedOrUpdatedRows ?? 0n) === 0) return; // listed before: nothing of the dataset is new
      await queries
        .updateTable("dataset")
        .set({ updated_at: nextRevision(row.at) })
        .where("id", "=", dataset)
        .execute();
    });
    return true;
  } catch {
    return false;
  }
}

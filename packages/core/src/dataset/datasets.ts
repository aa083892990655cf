import type { RawBuilder } from "kysely";
import { sql } from "kysely";
import { z } from "zod";
import { TilthError } from "../errors.ts";
import type { Recipe } from "../schema/manifest.ts";
import { recipeSchema } from "../schema/manifest.ts";
import type { Queries, Storage } from "../storage/storage.ts";
import { canonicalJson } from "../text/canonical.ts";
import { nearest } from "../text/nearest.ts";
import type { Clock } from "../text/ulid.ts";

/** A name and a recipe; which examples belong to it is kept as memberships. */
export interface DatasetSummary {
  /** Slug of the name it was created with; never changes. */
  readonly id: string;
  /** Grows with every change of the dataset itself: its recipe, its versions, into the trash and back; not with its members. */
  readonly rev: number;
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly recipe: Recipe;
  readonly members: number;
  /** Label of the newest version; absent where nothing was committed. */
  readonly latest?: string;
  readonly createdBy: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** The members of a {@link DatasetSummary}, to be extended. */
export const datasetSummaryShape = {
  id: z.string(),
  rev: z.int().min(0),
  name: z.string(),
  description: z.string(),
  tags: z.array(z.string()).readonly(),
  recipe: recipeSchema,
  members: z.int().min(0),
  latest: z.exactOptional(z.string()),
  createdBy: z.string(),
  createdAt: z.string(),
} as const;

export const datasetSummarySchema: z.ZodType<DatasetSummary> = z.object(datasetSummaryShape);

export interface NewDataset {
  /** Free text, unique. */
  readonly name: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  /** @defaultValue all members */
  readonly recipe?: Recipe;
  readonly actor: string;
  readonly clock: Clock;
}

const defaultRecipe: Recipe = { format: 1, from: "members" };

/**
 * Creates a dataset.
 *
 * @throws {@link TilthError} `dataset/exists` for a name that one has, also one in the trash; `input/invalid` for an empty name.
 */
export async function createDataset(storage: Storage, made: NewDataset): Promise<DatasetSummary> {
  return storage.transaction((queries) => insertDataset(queries, made));
}

/**
 * Finds a dataset by its id or its name.
 *
 * @throws {@link TilthError} `dataset/not-found`, which names the nearest, or the way back from the trash.
 */
export async function findDataset(storage: Storage, idOrName: string): Promise<DatasetSummary> {
  const datasets = await listDatasets(storage);
  const found = pick(datasets, idOrName);
  if (found !== undefined) return found;
  const trashed = pick(await listTrashedDatasets(storage), idOrName);
  if (trashed !== undefined) throw new TilthError("dataset/not-found", { dataset: idOrName, hint: wayBack(trashed) });
  const near = nearest(
    idOrName,
    datasets.flatMap(({ id, name }) => [id, name]),
  );
  const ids = datasets.map(({ id }) => id);
  const there =
    ids.length === 0
      ? "There is none yet: `tilth import FILE --dataset NAME` makes one."
      : `There ${ids.length === 1 ? "is" : "are"} ${ids.slice(0, 8).join(", ")}.`;
  throw new TilthError("dataset/not-found", { dataset: idOrName, hint: near === undefined ? there : `Did you mean ${near}?` });
}

/**
 * Finds a dataset by its id or its name, and creates it where there is none.
 *
 * @throws {@link TilthError} `dataset/exists` for the name of one in the trash; `input/invalid` for an empty name.
 */
export async function findOrCreateDataset(storage: Storage, wanted: NewDataset): Promise<DatasetSummary> {
  // In one transaction, so that two imports into a new dataset make one.
  return storage.transaction(async (queries) => {
    const name = wanted.name.trim();
    const found = pick(await readAll(queries), name);
    if (found !== undefined) return found;
    // Also by its id: who names it means it, and would be given another one.
    const trashed = pick(await readAll(queries, "trashed"), name);
    if (trashed !== undefined) throw new TilthError("dataset/exists", { name: trashed.name, id: trashed.id, hint: wayBack(trashed) });
    return insertDataset(queries, wanted);
  });
}

/** Changes what the next version of a dataset takes; versions there are stay as they are. */
export async function setRecipe(storage: Storage, id: string, recipe: Recipe, clock: Clock): Promise<void> {
  await storage.transaction(async (queries) => {
    await queries
      .updateTable("dataset")
      .set({ recipe: canonicalJson(recipe), updated_at: nextRevision(clock.nowMs()) })
      .where("id", "=", id)
      .execute();
  });
}

/** What `updated_at` becomes with a change: the moment, and always more than it was, so that it is the revision as well. */
export function nextRevision(nowMs: number): RawBuilder<number> {
  return sql<number>`max(updated_at + 1, ${nowMs})`;
}

/**
 * Takes a revision for a change that is made of several steps: of all who ask for the same one, one gets it, and the dataset is at the next.
 *
 * @param id - A dataset that is not in the trash.
 * @throws {@link TilthError} `dataset/stale` where it is another by now; `dataset/not-found`.
 */
export async function claimDataset(
  storage: Storage,
  id: string,
  { rev, nowMs }: { readonly rev: number; readonly nowMs: number },
): Promise<void> {
  await storage.transaction(async (queries) => {
    await requireRevision(queries, id, rev);
    await queries
      .updateTable("dataset")
      .set({ updated_at: nextRevision(nowMs) })
      .where("id", "=", id)
      .execute();
  });
}

/**
 * Holds a change to the revision it was made for, in the transaction of the change.
 *
 * @throws {@link TilthError} `dataset/stale`, `dataset/not-found`.
 */
export async function requireRevision(queries: Queries, id: string, rev: number): Promise<void> {
  const [row] = await queries.selectFrom("dataset").select(["updated_at", "lifecycle"]).where("id", "=", id).execute();
  if (row === undefined) throw new TilthError("dataset/not-found", { dataset: id, hint: "It was there a moment ago." });
  if (row.updated_at !== rev) throw new TilthError("dataset/stale", { dataset: id, current: row.updated_at, given: rev });
}

/** All datasets that are not in the trash, by name. */
export async function listDatasets(storage: Storage): Promise<readonly DatasetSummary[]> {
  return storage.read(({ queries }) => readAll(queries));
}

/** All datasets in the trash, by name. */
export async function listTrashedDatasets(storage: Storage): Promise<readonly DatasetSummary[]> {
  return storage.read(({ queries }) => readAll(queries, "trashed"));
}

/** An id goes before a name: it names one dataset for good. */
export function pick<Dataset extends { readonly id: string; readonly name: string }>(
  datasets: readonly Dataset[],
  idOrName: string,
): Dataset | undefined {
  return datasets.find(({ id }) => id === idOrName) ?? datasets.find(({ name }) => name === idOrName);
}

/**
 * The id a name gives: NFKD without marks, lower case, every other run of characters `-`, at most 64 of them.
 *
 * @returns `dataset` when nothing is left.
 */
export function slugOf(name: string): string {
  const plain = name.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
  const slug = trimDashes(trimDashes(plain.replaceAll(/[^a-z0-9]+/g, "-")).slice(0, 64));
  return slug === "" ? "dataset" : slug;
}

async function insertDataset(
  queries: Queries,
  { name, description = "", tags = [], recipe = defaultRecipe, actor, clock }: NewDataset,
): Promise<DatasetSummary> {
  const trimmed = name.trim();
  if (trimmed === "") throw new TilthError("input/invalid", { where: "name of a dataset", problem: "it is empty" });
  const taken = await queries.selectFrom("dataset").select(["id", "name", "lifecycle"]).execute();
  const twin = taken.find((row) => row.name === trimmed);
  if (twin !== undefined) {
    const hint = twin.lifecycle === "trashed" ? wayBack(twin) : "Use it, or choose another name.";
    throw new TilthError("dataset/exists", { name: twin.name, id: twin.id, hint });
  }
  const id = freeSlug(trimmed, new Set(taken.map((row) => row.id)));
  const nowMs = clock.nowMs();
  const json = { tags: canonicalJson(tags), recipe: canonicalJson(recipe) };
  await queries
    .insertInto("dataset")
    .values({ id, name: trimmed, description, kind: null, ...json, created_by: actor, created_at: nowMs, updated_at: nowMs })
    .execute();
  return {
    id,
    rev: nowMs,
    name: trimmed,
    description,
    tags,
    recipe,
    members: 0,
    createdBy: actor,
    createdAt: new Date(nowMs).toISOString(),
  };
}

/** With `-2`, `-3` and so on where it is taken, also by a deleted dataset: ids stand in manifests for good. */
function freeSlug(name: string, taken: ReadonlySet<string>): string {
  const slug = slugOf(name);
  if (!taken.has(slug) && slug !== "import") return slug; // `/datasets/import` is what makes a dataset of a file
  for (let number = 2; ; number++) {
    const suffix = `-${number}`;
    const candidate = `${trimDashes(slug.slice(0, 64 - suffix.length))}${suffix}`;
    if (!taken.has(candidate)) return candidate;
  }
}

function wayBack({ id }: { readonly id: string }): string {
  return `It lies in the trash: \`tilth restore ${id}\` brings it back.`;
}

async function readAll(queries: Queries, which: "kept" | "trashed" = "kept"): Promise<readonly DatasetSummary[]> {
  const rows = await queries
    .selectFrom("dataset")
    .selectAll()
    .where("lifecycle", which === "trashed" ? "=" : "!=", "trashed")
    .orderBy("name")
    .execute();
  const members = await queries.selectFrom("member_count").selectAll().execute();
  const versions = await queries
    .selectFrom("version")
    .select(["dataset_id", "label"])
    .where("branch", "=", "main")
    .orderBy("seq")
    .execute();
  const counts = new Map(members.map((row) => [row.dataset_id, row.members]));
  const latest = new Map(versions.map((row) => [row.dataset_id, row.label]));
  return rows.map((row) => {
    const label = latest.get(row.id);
    return {
      id: row.id,
      rev: row.updated_at,
      name: row.name,
      description: row.description,
      tags: z.array(z.string()).parse(JSON.parse(row.tags)),
      recipe: row.recipe === "{}" ? defaultRecipe : recipeSchema.parse(JSON.parse(row.recipe)),
      members: counts.get(row.id) ?? 0,
      ...(label === undefined ? {} : { latest: label }),
      createdBy: row.created_by,
      createdAt: new Date(row.created_at).toISOString(),
    };
  });
}

function trimDashes(text: string): string {
  return text.replaceAll(/^-+|-+$/g, "");
}

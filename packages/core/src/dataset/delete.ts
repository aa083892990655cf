import { randomUUID } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { TilthError } from "../errors.ts";
import type { Storage } from "../storage/storage.ts";
import { canonicalJson } from "../text/canonical.ts";
import { nearest } from "../text/nearest.ts";
import type { Clock } from "../text/ulid.ts";
import type { DatasetSummary } from "./datasets.ts";
import { datasetSummaryShape, findDataset, listTrashedDatasets, nextRevision, pick, requireRevision } from "./datasets.ts";

/** Where deleted datasets lie until the trash is emptied, one file each. */
export interface Trash {
  readonly storage: Storage;
  readonly folder: string;
  readonly clock: Clock;
}

/** A dataset in the trash. Its examples are where they were; its versions are kept and hidden. */
export interface TrashedDataset extends DatasetSummary {
  /** ISO 8601; absent with `deletedBy` where its file in the trash is lost. */
  readonly deletedAt?: string;
  readonly deletedBy?: string;
}

export const trashedDatasetSchema: z.ZodType<TrashedDataset> = z.object({
  ...datasetSummaryShape,
  deletedAt: z.exactOptional(z.string()),
  deletedBy: z.exactOptional(z.string()),
});

/**
 * Moves a dataset to the trash: it is in no list any more, and its name stays taken. No example and no byte of a version goes.
 *
 * What it was, its recipe and the ids of its members are written to `<id>.json` first, so that a crash in between deletes nothing.
 *
 * @throws {@link TilthError} `dataset/not-found`; `dataset/stale` where a revision is given and it is another by now;
 * `storage/write-failed` when the file cannot be written.
 */
export async function deleteDataset(
  { storage, folder, clock }: Trash,
  idOrName: string,
  { actor, rev }: { readonly actor: string; readonly rev?: number },
): Promise<TrashedDataset> {
  const dataset = await findDataset(storage, idOrName);
  const nowMs = clock.nowMs();
  const deleted = { deletedAt: new Date(nowMs).toISOString(), deletedBy: actor };
  const path = fileOf(folder, dataset.id);
  try {
    await writeTrashFile(storage, path, { format: 1, dataset, ...deleted });
  } catch (cause) {
    if (!(cause instanceof Error) || cause instanceof TilthError) throw cause;
    throw new TilthError("storage/write-failed", { path, reason: cause.message }, { cause });
  }
  const current = await setLifecycle(storage, dataset.id, { to: "trashed", nowMs, ...(rev === undefined ? {} : { rev }) });
  return { ...dataset, rev: current, ...deleted };
}

/**
 * Brings a dataset back from the trash with its members and versions, as it was.
 *
 * @throws {@link TilthError} `dataset/not-found` for one that is not in the trash.
 */
export async function restoreDataset({ storage, folder, clock }: Trash, idOrName: string): Promise<DatasetSummary> {
  const trashed = await listTrashedDatasets(storage);
  const found = pick(trashed, idOrName);
  if (found === undefined) {
    const near = nearest(
      idOrName,
      trashed.flatMap(({ id, name }) => [id, name]),
    );
    const there =
      trashed.length === 0
        ? "No dataset lies in the trash."
        : `In the trash ${trashed.length === 1 ? "lies" : "lie"} ${trashed.map(({ id }) => id).join(", ")}.`;
    throw new TilthError("dataset/not-found", {
      dataset: `${idOrName} in the trash`,
      hint: near === undefined ? there : `Did you mean ${near}?`,
    });
  }
  const rev = await setLifecycle(storage, found.id, { to: "active", nowMs: clock.nowMs() });
  await rm(fileOf(folder, found.id), { force: true });
  return { ...found, rev };
}

/** The datasets in the trash, by name, with who deleted them and when. */
export async function listTrash({ storage, folder }: Pick<Trash, "storage" | "folder">): Promise<readonly TrashedDataset[]> {
  const trashed = await listTrashedDatasets(storage);
  return Promise.all(trashed.map(async (dataset) => ({ ...dataset, ...(await readTrashFile(fileOf(folder, dataset.id))) })));
}

function fileOf(folder: string, id: string): string {
  return join(folder, `${id}.json`);
}

/** @returns The revision it has now. */
async function setLifecycle(
  storage: Storage,
  id: string,
  { to: lifecycle, nowMs, rev }: { readonly to: "active" | "trashed"; readonly nowMs: number; readonly rev?: number },
): Promise<number> {
  return storage.transaction(async (queries) => {
    if (rev !== undefined) await requireRevision(queries, id, rev);
    const set = { lifecycle, updated_at: nextRevision(nowMs) };
    const changed = await queries.updateTable("dataset").set(set).where("id", "=", id).returning("updated_at").executeTakeFirstOrThrow();
    return changed.updated_at;
  });
}

interface TrashHead {
  readonly format: 1;
  readonly dataset: DatasetSummary;
  readonly deletedAt: string;
  readonly deletedBy: string;
}

const headSchema = z.object({ deletedAt: z.string(), deletedBy: z.string() });

/**
 * Everything but the members stands in the first line, so that listing the trash reads no ids; the members follow, one a line. The whole is
 * one JSON object. It appears at once and complete.
 */
async function writeTrashFile(storage: Storage, path: string, head: TrashHead): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomUUID()}.tmp`; // two may delete it at once
  const file = await open(draft, "w", 0o600);
  try {
    await file.write(`${canonicalJson(head).slice(0, -1)},"members":[\n`);
    let isFirst = true;
    await storage.read(async ({ queries, scan }) => {
      const members = queries
        .selectFrom("member")
        .innerJoin("example", "example.n", "member.n")
        .select("example.id")
        .where("member.dataset_id", "=", head.dataset.id)
        .orderBy("example.id");
      for await (const rows of scan(members)) {
        const ids = rows.map(([id]) => JSON.stringify(id)).join(",\n");
        if (ids !== "") await file.write(`${isFirst ? "" : ",\n"}${ids}`);
        isFirst = false;
      }
    });
    await file.write("]}\n");
    await file.sync();
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

/** Nothing where the file is lost: the pool knows that the dataset lies in the trash, and that is what counts. */
async function readTrashFile(path: string): Promise<Pick<TrashedDataset, "deletedAt" | "deletedBy">> {
  try {
    await using file = await open(path, "r");
    for await (const line of file.readLines({ autoClose: false })) return headSchema.parse(JSON.parse(`${line}]}`));
  } catch {
    return {};
  }
  return {};
}

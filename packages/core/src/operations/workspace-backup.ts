import { randomUUID } from "node:crypto";
import { constants, existsSync } from "node:fs";
import { chmod, copyFile, cp, link, mkdir, open, readdir, rename, rm, rmdir, stat, writeFile } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { z } from "zod";
import { TilthError } from "../errors.ts";
import type { Workspace, WorkspacePaths } from "../workspace.ts";
import { workspacePaths } from "../workspace.ts";
import type { Operation, OperationContext } from "./operation.ts";

const input = z.strictObject({
  /** Missing or empty; it becomes a workspace. */
  folder: z.string().min(1),
  /** Also the key of pseudonyms: whoever has it can tell whether a person is in the pool. */
  withKeys: z.boolean().default(false),
});

const output = z.object({
  folder: z.string(),
  poolBytes: z.int().min(0),
  /** Files of the version store: entries and data. */
  objects: z.int().min(0),
  objectBytes: z.int().min(0),
  /** Of these, the ones that share their bytes on disk with the store. */
  linked: z.int().min(0),
  withKeys: z.boolean(),
});

export type BackedUp = z.output<typeof output>;

/** Copies the workspace into a folder that is one itself, while others go on writing. The folder appears whole or not at all. */
export const backupWorkspace: Operation<"workspace.backup", z.output<typeof input>, BackedUp, z.input<typeof input>> = {
  on: "workspace",
  name: "workspace.backup",
  title: "Copy the workspace into an empty folder",
  http: { method: "POST", path: "/backup", places: { folder: "backup" } },
  scope: "training_data:admin",
  runs: "job",
  input,
  output,
  body: "json",
  answer: "json",
  readOnly: false,
  destructive: false,
  idempotent: false,
  async run(workspace, { folder: named, withKeys }, context) {
    const folder = resolve(named);
    await refuseFilled(folder);
    const draft = `${folder}.tmp-${randomUUID()}`;
    try {
      const made = await orFailed(folder, () => copyWorkspace(workspace, { to: workspacePaths(draft), withKeys }, context));
      await refuseFilled(folder);
      await orFailed(folder, () => publish(draft, folder));
      return { folder, ...made, withKeys };
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  },
};

/** @throws {@link TilthError} `workspace/target-not-empty`. */
async function refuseFilled(folder: string): Promise<void> {
  const there = await orFailed(folder, () => readdir(folder).catch(nothingWhereMissing));
  if (there.length > 0) throw new TilthError("workspace/target-not-empty", { path: folder });
}

interface Target {
  readonly to: WorkspacePaths;
  readonly withKeys: boolean;
}

/** The pool first: a version that is made meanwhile is in the copy of the store, or it is not, and either way the store is whole. */
async function copyWorkspace(
  workspace: Workspace,
  { to, withKeys }: Target,
  context: OperationContext,
): Promise<Omit<BackedUp, "folder" | "withKeys">> {
  const { paths: from } = workspace;
  const storage = await workspace.storage();
  await mkdir(to.data, { recursive: true, mode: 0o700 });
  await writeFile(join(to.data, ".gitignore"), "*\n");
  await storage.backup(to.pool, {
    progress: ({ doneBytes, totalBytes }) =>
      context.progress?.({ step: "copying the pool", done: doneBytes, total: totalBytes, unit: "bytes" }),
    ...(context.signal === undefined ? {} : { signal: context.signal }),
  });
  const store = await copyStore(workspace, to, context);
  for (const part of ["imports", "trash"] as const) await copyFolder(from[part], to[part]);
  if (withKeys) {
    await copyFolder(from.keys, to.keys);
    await chmod(to.keys, 0o700);
  }
  for (const path of ownFiles(workspace)) {
    await mkdir(dirname(join(to.root, path)), { recursive: true });
    await copyFile(join(from.root, path), join(to.root, path));
  }
  await syncAll(to.root);
  return { poolBytes: (await stat(to.pool)).size, ...store };
}

/** Entries first and data after them: data only grows, so all that a copied entry needs is there when its turn comes. */
const parts = ["store.json", "erasures/", "refs/", "tags/", "objects/"];

async function copyStore(
  workspace: Workspace,
  to: WorkspacePaths,
  { progress, signal }: OperationContext,
): Promise<Pick<BackedUp, "objects" | "objectBytes" | "linked">> {
  const objects = await workspace.objects();
  const made = { objects: 0, objectBytes: 0, linked: 0 };
  for (const part of parts) {
    for await (const { key, bytes } of objects.list(part)) {
      signal?.throwIfAborted();
      const target = join(to.store, ...key.split("/"));
      await mkdir(dirname(target), { recursive: true });
      if (await linkOrCopy(await objects.local(key), target)) made.linked++;
      made.objects++;
      made.objectBytes += bytes;
      progress?.({ step: "copying the versions", done: made.objects, unit: "objects" });
    }
  }
  return made;
}

/** Nothing in the store is ever written again, so two names may share its bytes. True where they do. */
async function linkOrCopy(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch {
    // Another disk, or one without links; where the file itself is the trouble, the copy says so.
    await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    return false;
  }
}

/** The configuration and the packs it names by a path in the workspace. */
function ownFiles({ paths, packs }: Workspace): readonly string[] {
  const files = packs.names
    .filter((name) => /\.ya?ml$/.test(name) && !isAbsolute(name) && !name.startsWith("~"))
    .map((name) => relative(paths.root, resolve(paths.root, name)))
    .filter((path) => path.split(sep)[0] !== "..");
  return [...new Set([...files, relative(paths.root, paths.config)])];
}

async function copyFolder(from: string, to: string): Promise<void> {
  if (existsSync(from)) await cp(from, to, { recursive: true });
}

/** A backup that a power cut takes away is none. */
async function syncAll(root: string): Promise<void> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  for (const entry of entries) if (entry.isFile()) await sync(join(entry.parentPath, entry.name), "r+");
  // Windows opens no folders.
  if (process.platform === "win32") return;
  for (const entry of entries) if (entry.isDirectory()) await sync(join(entry.parentPath, entry.name), "r");
  await sync(root, "r");
}

async function sync(path: string, flags: "r" | "r+"): Promise<void> {
  await using file = await open(path, flags);
  await file.sync();
}

async function publish(draft: string, folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  await rmdir(folder).catch(nothingWhereMissing);
  await rename(draft, folder);
  if (process.platform !== "win32") await sync(dirname(folder), "r");
}

function nothingWhereMissing(cause: unknown): readonly never[] {
  if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return [];
  throw cause;
}

async function orFailed<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof TilthError || !(cause instanceof Error) || !("code" in cause) || cause.name === "AbortError") throw cause;
    throw new TilthError("storage/write-failed", { path, reason: cause.message }, { cause });
  }
}

import { randomUUID } from "node:crypto";
import type { Dirent } from "node:fs";
import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { access, link, mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { TilthError } from "../errors.ts";
import { canonicalJson } from "../text/canonical.ts";
import type { Clock } from "../text/ulid.ts";
import { systemClock } from "../text/ulid.ts";
import type { ObjectEntry, Objects } from "./objects.ts";
import { isLeftBehind, temporaryName } from "./temporary.ts";

export interface FolderOptions {
  /** Tells how old left-over temporary files are. @defaultValue the system's */
  readonly clock?: Clock;
}

const DAY_MS = 86_400_000;
const KEY = /^[A-Za-z0-9][A-Za-z0-9._-]*(?:\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/;
const storeSchema = z.object({ format: z.number() });

/**
 * Opens a folder as an object store, and makes it one where it is none yet.
 *
 * A reader sees a complete chain or nothing, also after `kill -9` or a power cut: a file is written beside the others, fsynced and renamed;
 * an entry is linked to its name only after every folder touched before was fsynced.
 *
 * @throws TilthError `storage/newer-store` when a newer Tilth wrote it; `storage/write-failed`.
 */
export async function openFolderObjects(root: string, options: FolderOptions = {}): Promise<Objects> {
  const folder = resolve(root);
  const temporaryFolder = join(folder, "tmp");
  const folders = createFolderSync();
  const pathOf = (key: string): string => {
    if (!KEY.test(key)) throw new TilthError("input/invalid", { where: "key of an object", problem: `${JSON.stringify(key)} is none` });
    return join(folder, ...key.split("/"));
  };
  const objects: Objects = {
    capabilities: { putIfAbsent: true, versioned: false },
    get: (key, range) => orMissing(key, () => readBytes(pathOf(key), range)),
    async local(key) {
      const path = pathOf(key);
      await orMissing(key, () => access(path));
      return path;
    },
    async put(key, file, sha256) {
      const path = pathOf(key);
      if (!key.startsWith("objects/") || !key.includes(sha256)) {
        throw new TilthError("input/invalid", { where: "key of an object", problem: `${key} does not hold its hash ${sha256}` });
      }
      await orFailed(path, async () => {
        await syncFile(file);
        await folders.make(dirname(path));
        await moveInto(file, path);
        folders.touch(dirname(path));
      });
    },
    async adopt(key) {
      const path = pathOf(key);
      const found = await stat(path).catch(ignoreMissing);
      if (found === undefined) return undefined;
      // Whoever wrote it may not have come as far as fsyncing its name, nor that of its folder.
      folders.touch(dirname(path));
      folders.touch(dirname(dirname(path)));
      return found.size;
    },
    async putIfAbsent(key, bytes) {
      const path = pathOf(key);
      const file = objects.temporary();
      return orFailed(path, async () => {
        try {
          await writeDurably(file, bytes);
          await folders.make(dirname(path));
          await folders.sync();
          if (!(await linkIfAbsent(file, path, bytes))) return false;
          folders.touch(dirname(path));
          await folders.sync();
          return true;
        } finally {
          await rm(file, { force: true });
        }
      });
    },
    async *list(prefix, limit = Infinity) {
      let left = limit;
      if (left <= 0) return;
      for await (const entry of walk(folder, "", prefix)) {
        yield entry;
        if (--left <= 0) return;
      }
    },
    async delete(key) {
      const path = pathOf(key);
      await orFailed(path, () => rm(path, { force: true }));
    },
    temporary: () => join(temporaryFolder, temporaryName()),
  };
  await orFailed(folder, async () => {
    for (const name of ["objects", "refs", "tags", "gc", "erasures", "tmp"]) await folders.make(join(folder, name));
  });
  await removeOld(temporaryFolder, (options.clock ?? systemClock).nowMs() - DAY_MS);
  await claimStore(objects, folder);
  return objects;
}

/** The first one to come gives the store its identity. */
async function claimStore(objects: Objects, folder: string): Promise<void> {
  const known = 1;
  try {
    await access(join(folder, "store.json"));
  } catch {
    await objects.putIfAbsent("store.json", Buffer.from(canonicalJson({ format: known, hash: "sha256", id: randomUUID() })));
  }
  const { format } = storeSchema.parse(JSON.parse(await readFile(join(folder, "store.json"), "utf8")));
  if (format > known) throw new TilthError("storage/newer-store", { path: folder, found: format, known });
}

interface FolderSync {
  /** Makes a folder and all above it. */
  make(path: string): Promise<void>;
  /** Something in this folder got a new name. */
  touch(path: string): void;
  /** Fsyncs each folder touched since the last time, once; returns when those of earlier calls are done as well. */
  sync(): Promise<void>;
}

function createFolderSync(): FolderSync {
  let touched = new Set<string>();
  let running: Promise<void> = Promise.resolve();
  const known = new Set<string>();
  return {
    async make(path) {
      if (known.has(path)) return;
      const first = await mkdir(path, { recursive: true });
      known.add(path);
      if (first === undefined) return;
      // Every folder that is new is a name in the one above it.
      for (let above = dirname(path); above.length >= dirname(first).length; above = dirname(above)) {
        touched.add(above);
        if (above === dirname(above)) break;
      }
    },
    touch(path) {
      touched.add(path);
    },
    async sync() {
      // Chained, so that a caller whose folders another call took along does not return before they are done.
      const turn = running.then(async () => {
        const paths = touched;
        touched = new Set();
        try {
          await Promise.all([...paths].map(syncFolder));
        } catch (cause) {
          for (const path of paths) touched.add(path);
          throw cause;
        }
      });
      running = turn.catch(() => undefined);
      await turn;
    },
  };
}

async function syncFolder(path: string): Promise<void> {
  // Windows opens no folders; its file system journals names by itself.
  if (process.platform === "win32") return;
  await using handle = await open(path, constants.O_RDONLY);
  await handle.sync();
}

async function syncFile(path: string): Promise<void> {
  await using handle = await open(path, "r+");
  await handle.sync();
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  await using handle = await open(path, "wx");
  await handle.writeFile(bytes);
  await handle.sync();
}

async function moveInto(file: string, path: string): Promise<void> {
  try {
    await rename(file, path);
  } catch (cause) {
    // Windows does not replace a file that somebody reads; the same bytes are there already.
    const [mine, theirs] = await Promise.all([stat(file), stat(path).catch(() => undefined)]);
    if (mine.size !== theirs?.size) throw cause;
    await rm(file);
  }
}

/** Codes of file systems without hard links, or with too many of them. */
const withoutLinks: ReadonlySet<unknown> = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EACCES"]);

async function linkIfAbsent(file: string, path: string, bytes: Uint8Array): Promise<boolean> {
  try {
    await link(file, path);
    return true;
  } catch (cause) {
    if (codeOf(cause) === "EEXIST") return false;
    if (!withoutLinks.has(codeOf(cause))) throw cause;
  }
  return createIfAbsent(path, bytes);
}

/** For file systems without hard links: a reader may meet the entry half written, and takes it for absent while it is young. */
export async function createIfAbsent(path: string, bytes: Uint8Array): Promise<boolean> {
  try {
    await writeDurably(path, bytes);
    return true;
  } catch (cause) {
    if (codeOf(cause) === "EEXIST") return false;
    await rm(path, { force: true });
    throw cause;
  }
}

/** Goes through the folders in the byte order of whole keys, in which `a-b` stands before `a/b`. */
async function* walk(folder: string, base: string, prefix: string): AsyncIterable<ObjectEntry> {
  const sorted = (await entriesOf(folder))
    .map((entry) => ({
      path: join(folder, entry.name),
      folder: entry.isDirectory(),
      key: `${base}${entry.name}${entry.isDirectory() ? "/" : ""}`,
    }))
    .filter(({ key }) => key !== "tmp/" && (key.startsWith(prefix) || (key.endsWith("/") && prefix.startsWith(key))))
    .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  for (const { path, folder: isFolder, key } of sorted) {
    if (isFolder) {
      yield* walk(path, key, prefix);
      continue;
    }
    const stats = await stat(path).catch(ignoreMissing);
    if (stats !== undefined) yield { key, bytes: stats.size, modified: stats.mtimeMs };
  }
}

async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  return (await readdir(folder, { withFileTypes: true }).catch(ignoreMissing)) ?? [];
}

/** What a process of this machine left behind goes at once; what another machine's may still be writing, when it is old. */
async function removeOld(folder: string, beforeMs: number): Promise<void> {
  for (const entry of await entriesOf(folder)) {
    const path = join(folder, entry.name);
    const stats = await stat(path).catch(ignoreMissing);
    if (stats !== undefined && (stats.mtimeMs < beforeMs || isLeftBehind(entry.name))) await rm(path, { recursive: true, force: true });
  }
}

async function readBytes(path: string, range?: readonly [start: number, end: number]): Promise<Uint8Array> {
  if (range === undefined) return readFile(path);
  await using handle = await open(path, "r");
  return await readRange(handle, range);
}

async function readRange(handle: FileHandle, [start, end]: readonly [start: number, end: number]): Promise<Uint8Array> {
  const bytes = new Uint8Array(Math.max(0, end - start));
  let filled = 0;
  while (filled < bytes.length) {
    const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, start + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

async function orMissing<T>(key: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (codeOf(cause) !== "ENOENT") throw cause;
    throw new TilthError("storage/object-missing", { key }, { cause });
  }
}

async function orFailed<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof TilthError || !(cause instanceof Error)) throw cause;
    throw new TilthError("storage/write-failed", { path, reason: cause.message }, { cause });
  }
}

function ignoreMissing(cause: unknown): undefined {
  if (codeOf(cause) !== "ENOENT") throw cause;
}

function codeOf(cause: unknown): unknown {
  return cause instanceof Error && "code" in cause ? cause.code : undefined;
}

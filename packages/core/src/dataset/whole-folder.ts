import { randomUUID } from "node:crypto";
import { mkdir, readdir, rename, rm, rmdir } from "node:fs/promises";
import { dirname } from "node:path";
import { TilthError } from "../errors.ts";

export interface WholeFolder {
  /** Whether the names that lie there, and what they hold, are what `fill` would write. */
  readonly holdsSame: (there: readonly string[]) => Promise<boolean>;
  /** Writes everything into an empty folder beside the one that is wanted. */
  readonly fill: (draft: string) => Promise<void>;
}

/**
 * Makes a folder that appears at once and complete, or not at all.
 *
 * @returns False when it held the same already.
 * @throws TilthError `dataset/target-not-empty` where it holds something else.
 */
export async function makeWholeFolder(folder: string, { holdsSame, fill }: WholeFolder): Promise<boolean> {
  const there = await entriesOf(folder);
  if (there.length > 0) {
    if (await holdsSame(there)) return false;
    throw new TilthError("dataset/target-not-empty", { path: folder });
  }
  const draft = `${folder}.tmp-${randomUUID()}`;
  try {
    await mkdir(draft, { recursive: true });
    await fill(draft);
    await mkdir(dirname(folder), { recursive: true });
    await removeEmpty(folder);
    await rename(draft, folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return true;
}

async function entriesOf(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "ENOENT") return [];
    if (code === "ENOTDIR") throw new TilthError("dataset/target-not-empty", { path: folder }, { cause });
    throw cause;
  }
}

async function removeEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "ENOENT") return;
    if (code === "ENOTEMPTY" || code === "EEXIST") throw new TilthError("dataset/target-not-empty", { path: folder }, { cause });
    throw cause;
  }
}

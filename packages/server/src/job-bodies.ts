import { copyFile, link, mkdir, open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ByteSource, JobBody } from "@tilth/core";
import { TilthError } from "@tilth/core";

/** Keeps the bytes that jobs read until the jobs have ended. */
export interface JobBodies {
  /**
   * Keeps what arrives, durably; memory is constant. Where it does not arrive whole, nothing is left.
   *
   * @throws {@link TilthError} `storage/full`; what the source throws.
   */
  keep(job: string, source: ByteSource): Promise<JobBody>;
  /** Keeps a whole file under a name of the job's own, without copying it: what becomes of its first name is all the same. */
  adopt(job: string, file: { readonly path: string; readonly name: string }): Promise<JobBody>;
  remove(body: JobBody): Promise<void>;
  /** Takes away what is old and no job needs: of a job that never came to be, or was cancelled before it began. */
  sweep(options: { readonly untilMs: number; readonly isNeeded: (job: string) => Promise<boolean> }): Promise<void>;
}

export function openJobBodies(folder: string): JobBodies {
  const place = (job: string): string => join(folder, job);

  return {
    async keep(job, source) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const path = place(job);
      try {
        await writeWhole(path, source.open());
        await syncFolder(folder);
      } catch (cause) {
        await rm(path, { force: true });
        if (isFull(cause)) throw new TilthError("storage/full", { path: folder, reason: "the body of a request is kept here" }, { cause });
        throw cause;
      }
      return { path, name: source.name, isOwned: true };
    },
    async adopt(job, { path: from, name }) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const path = place(job);
      // Where the file system knows one name a file, it is two files.
      await link(from, path).catch(() => copyFile(from, path));
      await syncFolder(folder);
      return { path, name, isOwned: true };
    },
    async remove({ path, isOwned }) {
      if (isOwned) await rm(path, { force: true });
    },
    async sweep({ untilMs, isNeeded }) {
      for (const job of await readdir(folder).catch(() => [])) {
        const facts = await stat(place(job)).catch(() => undefined);
        // A name changes when it is given: a linked file may be older than its job.
        if (facts === undefined || facts.ctimeMs > untilMs || (await isNeeded(job))) continue;
        await rm(place(job), { force: true });
      }
    },
  };
}

async function writeWhole(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  await using file = await open(path, "wx", 0o600);
  for await (const chunk of chunks) {
    for (let done = 0; done < chunk.length;) done += (await file.write(chunk, done)).bytesWritten;
  }
  await file.sync();
}

/** The name of a file is durable when its folder is; some systems open no folders, and need it not. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

function isFull(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOSPC" || error.code === "EDQUOT");
}

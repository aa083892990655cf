import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Workspace } from "../workspace.ts";
import type { OperationContext } from "./operation.ts";

/**
 * True where an attempt of this job has begun to store something before.
 *
 * The number of the attempt does not tell: a job that was let go, or is tried again by hand, counts from 1 once more.
 */
export async function hasBegun({ paths }: Workspace, { job }: OperationContext): Promise<boolean> {
  if (job === undefined) return false;
  return stat(join(paths.imports, job.id)).then(
    () => true,
    () => false,
  );
}

/** Notes that an attempt begins to store something; the folder takes the import's reports later. Call it before anything is stored. */
export async function begin({ paths }: Workspace, { job }: OperationContext): Promise<void> {
  if (job !== undefined) await mkdir(join(paths.imports, job.id), { recursive: true });
}

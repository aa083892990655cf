import { TilthError } from "../errors.ts";
import type { Job } from "../jobs/job.ts";
import { findJob } from "../jobs/jobs.ts";
import type { Storage } from "../storage/storage.ts";
import type { OperationContext } from "./operation.ts";

/**
 * A job by its id: for a caller that reaches some datasets only, one of its own; another's is not there.
 *
 * @throws {@link TilthError} `job/not-found`.
 */
export async function findReachedJob(storage: Storage, id: string, { actor, datasets }: OperationContext): Promise<Job> {
  const job = await findJob(storage, id);
  if (datasets !== undefined && job.actor !== actor) throw new TilthError("job/not-found", { job: id });
  return job;
}

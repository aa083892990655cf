import { hostname } from "node:os";
import type { Workspace } from "@tilth/core";
import { releaseJobsOf } from "@tilth/core";

/** Who holds jobs: this process on this machine, and no later one that was given the same number. */
export function ownHolder(): string {
  return [hostname(), process.pid, Math.round(performance.timeOrigin)].join("/");
}

/** Lets go of what servers that are no more have held on this machine; what others hold is free once their leases end. */
export async function releaseLeft(workspace: Workspace): Promise<number> {
  const storage = await workspace.storage();
  const rows = await storage.read(({ queries }) =>
    queries.selectFrom("job").select("lease_by").distinct().where("status", "=", "running").execute(),
  );
  let released = 0;
  for (const { lease_by: by } of rows) if (by !== null && isGone(by)) released += await releaseJobsOf(storage, by, workspace.clock.nowMs());
  return released;
}

/** True where it is certain: of another machine nothing is known here. */
export function isGone(holder: string): boolean {
  const [host, digits] = holder.split("/");
  const pid = Number(digits);
  if (host !== hostname() || !Number.isInteger(pid) || pid <= 0) return false;
  // In a container every server has the same number.
  if (pid === process.pid) return holder !== ownHolder();
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}

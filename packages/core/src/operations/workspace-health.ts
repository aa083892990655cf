import { z } from "zod";
import { readHealth } from "../insight/health.ts";
import type { Operation } from "./operation.ts";

const input = z.strictObject({});
const count = z.int().min(0);

const output = z.object({
  status: z.enum(["healthy", "degraded"]),
  directories_ok: z.boolean(),
  /** ISO 8601. */
  timestamp: z.string(),
  /** What does not do what it should, why, and what to do about it. */
  degraded: z
    .array(
      z.object({
        part: z.enum(["directories", "pool", "duckdb", "embedder", "search-index", "spool", "disk"]),
        reason: z.string(),
        wayOut: z.string(),
      }),
    )
    .readonly(),
  version: z.string(),
  examples: count,
  search: z.object({ pending: count }),
  /** How long captured events have waited for the pool; 0 where none wait. */
  capture: z.object({ lagMs: count }),
  bytes: z.object({ pool: count, wal: count, poolFree: count, storeFree: count }),
});

/** How a workspace is: document 2's three fields first. */
export type WorkspaceHealth = z.output<typeof output>;

/** Says whether everything works, and what does not; cheap enough to be asked every second. */
export const workspaceHealth: Operation<"workspace.health", object, WorkspaceHealth> = {
  on: "workspace",
  name: "workspace.health",
  title: "Say whether everything works, and what does not",
  http: { method: "GET", path: "/health" },
  scope: "training_data:read",
  input,
  output,
  body: "none",
  answer: "json",
  readOnly: true,
  destructive: false,
  idempotent: true,
  async run(workspace) {
    const { paths, config } = workspace;
    const found = await readHealth({ paths, config, storage: () => workspace.storage(), nowMs: workspace.clock.nowMs() });
    const { degraded, directoriesOk, examples, searchPending, poolBytes, walBytes, poolFreeBytes, storeFreeBytes, captureLagMs } = found;
    return {
      status: degraded.length === 0 ? "healthy" : "degraded",
      directories_ok: directoriesOk,
      timestamp: new Date(workspace.clock.nowMs()).toISOString(),
      degraded: [...degraded],
      version: workspace.toolVersion,
      examples,
      search: { pending: searchPending },
      capture: { lagMs: captureLagMs },
      bytes: { pool: poolBytes, wal: walBytes, poolFree: poolFreeBytes, storeFree: storeFreeBytes },
    };
  },
};

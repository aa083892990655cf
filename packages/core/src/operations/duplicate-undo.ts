import { z } from "zod";
import type { UndoneDedupe } from "../enhance/dedupe-undo.ts";
import { undoDedupe } from "../enhance/dedupe-undo.ts";
import type { Operation } from "./operation.ts";

const input = z.strictObject({
  /** The run, or the start of its id; absent = the newest that something is left of. */
  run: z.optional(z.string().min(4, "at least four characters of the id").max(64)),
});

const output: z.ZodType<UndoneDedupe> = z.object({ runId: z.string(), cleared: z.int().min(0), restored: z.int().min(0) });

/** Takes back a search for duplicates: its marks end, and what it moved to the trash comes back. */
export const undoDuplicates: Operation<"duplicate.undo", z.output<typeof input>, UndoneDedupe> = {
  on: "workspace",
  name: "duplicate.undo",
  title: "Take back a search for duplicates",
  http: { method: "POST", path: "/duplicates/undo" },
  scope: "training_data:delete",
  input,
  output,
  body: "json",
  answer: "json",
  readOnly: false,
  destructive: false,
  idempotent: false,
  run: async (workspace, { run }, { actor, signal, progress }) =>
    undoDedupe(await workspace.storage(), {
      runId: run,
      actor,
      atMs: workspace.clock.nowMs(),
      signal,
      progress: (at) => progress?.({ step: "taking back", ...at, unit: "rows" }),
    }),
};

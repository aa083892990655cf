import { z } from "zod";
import { findDataset } from "../dataset/datasets.ts";
import type { PoolChanges } from "../storage/changes.ts";
import { changeKinds, readChanges } from "../storage/changes.ts";
import type { Operation } from "./operation.ts";

const input = z.strictObject({
  /** The `seq` to go on behind; absent: only how far the pool is now. */
  after: z.optional(z.int().min(0)),
  /** A dataset's name or id: only changes of examples that are its members now. */
  dataset: z.optional(z.string().min(1)),
  limit: z.int().min(1).max(1_000).default(100),
});

const output: z.ZodType<PoolChanges> = z.object({
  changes: z.array(z.object({ seq: z.int(), id: z.string(), change: z.enum(changeKinds) })).readonly(),
  seq: z.int().min(0),
  more: z.boolean(),
});

/** Tells which examples changed, in the order in which they did. */
export const poolChanges: Operation<"pool.changes", z.output<typeof input>, PoolChanges, z.input<typeof input>> = {
  on: "workspace",
  name: "pool.changes",
  title: "Tell which examples changed, in order",
  http: { method: "GET", path: "/changes" },
  scope: "training_data:read",
  input,
  output,
  body: "none",
  answer: "json",
  readOnly: true,
  destructive: false,
  idempotent: true,
  async run(workspace, { after, dataset, limit }) {
    const storage = await workspace.storage();
    const datasetId = dataset === undefined ? undefined : (await findDataset(storage, dataset)).id;
    return readChanges(storage, { limit, ...(after === undefined ? {} : { after }), ...(datasetId === undefined ? {} : { datasetId }) });
  },
};

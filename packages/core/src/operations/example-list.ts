import { z } from "zod";
import { findDataset } from "../dataset/datasets.ts";
import { exampleSchema } from "../schema/example.ts";
import type { ExamplePage } from "../storage/examples.ts";
import { listExamples as readExamples } from "../storage/examples.ts";
import type { Operation } from "./operation.ts";
import { filterOf } from "./selection.ts";

export interface ListExamplesInput {
  /** In the filter language. */
  readonly where?: string | undefined;
  /** A dataset's name or id: only its members. */
  readonly dataset?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

const input = z.strictObject({
  where: z.optional(z.string().max(8_000)),
  dataset: z.optional(z.string()),
  limit: z.int().min(1).max(1_000).default(20),
  cursor: z.optional(z.string()),
});

const QUICK_ROWS = 100;

const output: z.ZodType<ExamplePage> = z.object({ examples: z.array(exampleSchema).readonly(), next: z.exactOptional(z.string()) });

/** Lists examples, newest first; those in the trash only where the filter asks for `lifecycle`. */
export const listExamples: Operation<"example.list", ListExamplesInput, ExamplePage, z.input<typeof input>> = {
  on: "workspace",
  name: "example.list",
  title: "List examples, newest first",
  http: { method: "GET", path: "/examples" },
  scope: "training_data:read",
  input,
  output,
  body: "none",
  answer: "json",
  readOnly: true,
  destructive: false,
  idempotent: true,
  async run(workspace, { where, dataset, limit, cursor }, { signal }) {
    const storage = await workspace.storage();
    return readExamples(storage, {
      limit,
      where: filterOf(where, workspace.clock.nowMs()),
      ...(dataset === undefined ? {} : { datasetId: (await findDataset(storage, dataset)).id }),
      ...(cursor === undefined ? {} : { cursor }),
      ...(signal === undefined ? {} : { signal }),
      isQuick: where === undefined && dataset === undefined && limit <= QUICK_ROWS,
    });
  },
};

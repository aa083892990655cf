import { z } from "zod";
import { findDataset } from "../dataset/datasets.ts";
import { locate } from "../dataset/locate.ts";
import { readVersionPage } from "../dataset/version-page.ts";
import type { Example } from "../schema/example.ts";
import { exampleSchema } from "../schema/example.ts";
import { listExamples } from "../storage/examples.ts";
import type { Operation } from "./operation.ts";
import { filterOf } from "./selection.ts";

const input = z.strictObject({
  /** A dataset's name or id. */
  dataset: z.string().min(1),
  /** Such as `1.2`; `pool` for its members as they are now. Absent: the newest version, or the members where nothing was committed. */
  version: z.optional(z.string().min(1).max(200)),
  limit: z.int().min(1).max(1_000).default(100),
  cursor: z.optional(z.string().max(200)),
});

/** A page of a dataset. */
export interface DatasetData {
  readonly dataset: string;
  /** Label of the version, or `pool`. */
  readonly version: string;
  readonly examples: readonly Example[];
  /** Absent on the last page. */
  readonly next?: string;
}

const output: z.ZodType<DatasetData> = z.object({
  dataset: z.string(),
  version: z.string(),
  examples: z.array(exampleSchema).readonly(),
  next: z.exactOptional(z.string()),
});

/** Gives the examples of a dataset, page by page: of a version by id, of the members as they are now newest first. */
export const readDataset: Operation<"dataset.data", z.output<typeof input>, DatasetData, z.input<typeof input>> = {
  on: "workspace",
  name: "dataset.data",
  title: "Give the examples of a dataset, page by page",
  http: { method: "GET", path: "/datasets/:dataset/data" },
  scope: "training_data:read",
  runs: "aside",
  input,
  output,
  body: "none",
  answer: "json",
  readOnly: true,
  destructive: false,
  idempotent: true,
  async run(workspace, { dataset: name, version, limit, cursor }, { signal }) {
    const storage = await workspace.storage();
    const { id, latest } = await findDataset(storage, name);
    const objects = await workspace.objects();
    const located = await locate(storage, objects, `${id}@${version ?? (latest === undefined ? "pool" : "latest")}`);
    if (located.kind === "pool") {
      const options = { limit, where: filterOf(undefined, workspace.clock.nowMs()), datasetId: id };
      const page = await listExamples(storage, cursor === undefined ? options : { ...options, cursor });
      return { dataset: id, version: "pool", ...page };
    }
    const { manifest } = located;
    const page = await readVersionPage({
      objects,
      duck: workspace.duck(),
      manifest,
      limit,
      ...(cursor === undefined ? {} : { after: cursor }),
      ...(signal === undefined ? {} : { signal }),
    });
    return { dataset: id, version: manifest.label, ...page };
  },
};

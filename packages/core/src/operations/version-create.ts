import { z } from "zod";
import { commitVersion } from "../dataset/commit.ts";
import { findDataset, setRecipe } from "../dataset/datasets.ts";
import type { Operation } from "./operation.ts";
import type { VersionSummary } from "./version-summary.ts";
import { summarizeVersion, versionSummaryShape } from "./version-summary.ts";

/** The version that holds the dataset now; `created` is false where nothing had changed. */
export interface CreatedVersion extends VersionSummary {
  readonly created: boolean;
}

const input = z.strictObject({
  /** A dataset's name or id. */
  dataset: z.string().min(1),
  message: z.string().max(10_000).default(""),
  /** Changes the dataset's recipe from now on. */
  where: z.optional(z.string().max(8_000)),
  from: z.optional(z.enum(["members", "pool"])),
  major: z.boolean().default(false),
});

const output: z.ZodType<CreatedVersion> = z.object({ ...versionSummaryShape, created: z.boolean() });

/** Freezes a dataset into an immutable version. */
export const createVersion: Operation<"version.create", z.output<typeof input>, CreatedVersion, z.input<typeof input>> = {
  on: "workspace",
  name: "version.create",
  title: "Freeze a dataset into a version",
  http: { method: "POST", path: "/datasets/:dataset/versions" },
  scope: "training_data:write",
  runs: "job",
  input,
  output,
  body: "json",
  answer: "json",
  readOnly: false,
  destructive: false,
  idempotent: true,
  async run(workspace, { dataset: name, message, where, from, major }, context) {
    const storage = await workspace.storage();
    const dataset = await findDataset(storage, name);
    const recipe = { ...dataset.recipe, ...(where === undefined ? {} : { where }), ...(from === undefined ? {} : { from }) };
    const committed = await commitVersion({
      storage,
      objects: await workspace.objects(),
      duck: workspace.duck(),
      dataset: dataset.id,
      recipe,
      message,
      major,
      actor: context.actor,
      clock: workspace.clock,
      toolVersion: workspace.toolVersion,
      indexFolder: workspace.paths.index,
      ...(context.signal === undefined ? {} : { signal: context.signal }),
      progress: ({ done, total }) =>
        context.progress?.({ step: `committing ${dataset.name}`, done, ...(total === undefined ? {} : { total }), unit: "rows" }),
    });
    if (where !== undefined || from !== undefined) await setRecipe(storage, dataset.id, recipe, workspace.clock);
    return { ...summarizeVersion(committed.entry, committed.manifest), created: committed.created };
  },
};

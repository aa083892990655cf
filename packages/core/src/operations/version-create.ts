import { z } from "zod";
import type { Committed } from "../dataset/commit.ts";
import { commitVersion, committedSchema } from "../dataset/commit.ts";
import { findDataset, setRecipe } from "../dataset/datasets.ts";
import type { Operation } from "./operation.ts";

const input = z.strictObject({
  /** A dataset's name or id. */
  dataset: z.string().min(1),
  message: z.string().max(10_000).default(""),
  /** Changes the dataset's recipe from now on. */
  where: z.optional(z.string().max(8_000)),
  from: z.optional(z.enum(["members", "pool"])),
  major: z.boolean().default(false),
});

/** Freezes a dataset into an immutable version. */
export const createVersion: Operation<"version.create", z.output<typeof input>, Committed, z.input<typeof input>> = {
  on: "workspace",
  name: "version.create",
  title: "Freeze a dataset into a version",
  http: { method: "POST", path: "/datasets/:dataset/versions" },
  scope: "training_data:write",
  input,
  output: committedSchema,
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
      tool: `tilth/${workspace.toolVersion}`,
      ...(context.signal === undefined ? {} : { signal: context.signal }),
      ...(context.progress === undefined ? {} : { progress: context.progress }),
    });
    if (where !== undefined || from !== undefined) await setRecipe(storage, dataset.id, recipe, workspace.clock);
    return committed;
  },
};

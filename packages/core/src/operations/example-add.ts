import { z } from "zod";
import { findOrCreateDataset } from "../dataset/datasets.ts";
import { TilthError } from "../errors.ts";
import { rulesVersion } from "../rules/run.ts";
import { exampleSchema, newExampleSchema } from "../schema/example.ts";
import { findingSchema } from "../schema/finding.ts";
import type { ShownExample } from "../storage/examples.ts";
import { showExample } from "../storage/examples.ts";
import { nearest } from "../text/nearest.ts";
import type { Operation } from "./operation.ts";

const input = z.strictObject({
  example: newExampleSchema,
  /** A dataset's name or id; made when it is new. */
  dataset: z.optional(z.string().min(1).max(200)),
  /** What to do with a known `sourceId` whose content differs. */
  onChange: z.optional(z.enum(["update", "skip", "add"])),
});

export interface AddedExample extends ShownExample {
  /** `duplicate`: the example shown was there already. */
  readonly status: "accepted" | "updated" | "duplicate";
  /** The duplicate lies in the trash. */
  readonly trashed: boolean;
  /** Personal data taken out, by type. */
  readonly redacted: Readonly<Record<string, number>>;
  /** What is odd about it but no flaw of the example. */
  readonly notes: readonly string[];
}

const output: z.ZodType<AddedExample> = z.object({
  example: exampleSchema,
  findings: z.array(findingSchema).readonly(),
  datasets: z.array(z.string()).readonly(),
  status: z.enum(["accepted", "updated", "duplicate"]),
  trashed: z.boolean(),
  redacted: z.record(z.string(), z.int()),
  notes: z.array(z.string()).readonly(),
});

/** Adds one example through the one door. */
export const addExample: Operation<"example.add", z.output<typeof input>, AddedExample, z.input<typeof input>> = {
  on: "workspace",
  name: "example.add",
  title: "Add one example",
  http: { method: "POST", path: "/examples" },
  scope: "training_data:write",
  input,
  output,
  body: "json",
  answer: "json",
  readOnly: false,
  destructive: false,
  idempotent: true,
  async run(workspace, { example, dataset: name, onChange }, { actor, datasets }) {
    const door = await workspace.door();
    const identified = example.sourceId !== undefined;
    const passage = door(example, { actor, defaults: { source: "manual" }, sourceIdIsIdentity: identified });
    // Before a dataset is made: what is refused leaves nothing behind.
    if ("refused" in passage)
      throw new TilthError("example/refused", { rule: passage.refused, message: passage.message.replace(/\.$/, "") });
    const storage = await workspace.storage();
    const dataset = name === undefined ? undefined : await findOrCreateDataset(storage, { name, actor, clock: workspace.clock });
    const [captured] = await storage.capture([passage.row], {
      actor,
      atMs: workspace.clock.nowMs(),
      rulesVersion,
      ...(dataset === undefined ? {} : { datasetId: dataset.id }),
      ...(onChange === undefined ? {} : { onChange }),
      ...(datasets === undefined ? {} : { withinDatasets: [...datasets] }),
    });
    const { status = "accepted", id = passage.row.row.id, trashed = false } = captured ?? {};
    const shown = await showExample(storage, id);
    if (datasets !== undefined && !shown.datasets.some((one) => datasets.has(one)))
      throw new TilthError("auth/dataset-forbidden", {
        actor,
        problem: `example ${id} is in none of them`,
        datasets: [...datasets].join(", "),
      });
    return {
      ...shown,
      status,
      trashed,
      redacted: passage.redacted,
      notes: notesOn(example.type, workspace.packs.pack.types),
    };
  },
};

function notesOn(type: string | undefined, types: readonly string[] | undefined): readonly string[] {
  if (type === undefined || types === undefined || types.includes(type)) return [];
  const meant = nearest(type, types);
  return [`The packs know no type ${type}${meant === undefined ? `, only ${types.join(", ")}` : `; did you mean ${meant}?`}`];
}

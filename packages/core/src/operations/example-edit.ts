import { z } from "zod";
import { TilthError } from "../errors.ts";
import type { EditedExample } from "../intake/edit.ts";
import { editExample as edit } from "../intake/edit.ts";
import type { Edit } from "../intake/edited.ts";
import { rulesVersion } from "../rules/run.ts";
import { exampleSchema } from "../schema/example.ts";
import { findingSchema } from "../schema/finding.ts";
import type { Json } from "../schema/json.ts";
import type { Operation } from "./operation.ts";

const json: z.ZodType<Json> = z.json();

const input = z.strictObject({
  id: z.string().min(4, "at least four characters of the id").max(64),
  /** The revision the edit was made for; absent = the one that is there. */
  rev: z.optional(z.int().min(1)),
  /** Values by field; `null` takes one away. */
  set: z.optional(z.record(z.string(), json)),
  /** The whole example as it should be, in place of `set`; its own `rev` counts where none is given. */
  example: z.optional(z.record(z.string(), json)),
  /** Scores it anew. */
  score: z.boolean().default(false),
  /** Adds the tags that the packs now see in it. */
  retag: z.boolean().default(false),
  reason: z.optional(z.string().max(1_000)),
});

const output: z.ZodType<EditedExample> = z.object({
  example: exampleSchema,
  findings: z.array(findingSchema).readonly(),
  datasets: z.array(z.string()).readonly(),
  changed: z.array(z.object({ field: z.string(), before: z.exactOptional(json), after: z.exactOptional(json) })).readonly(),
  redacted: z.record(z.string(), z.int()),
});

/** Edits one example; what it says then passes the door again. */
export const editExample: Operation<"example.edit", z.output<typeof input>, EditedExample, z.input<typeof input>> = {
  on: "workspace",
  name: "example.edit",
  title: "Edit one example",
  http: { method: "PATCH", path: "/examples/:id" },
  scope: "training_data:write",
  input,
  output,
  body: "json",
  answer: "json",
  readOnly: false,
  destructive: false,
  idempotent: false,
  async run(workspace, given, { actor }) {
    const rev = given.rev ?? revOf(given.example);
    return edit({
      storage: await workspace.storage(),
      door: await workspace.door(),
      redactor: workspace.redactor,
      pack: workspace.packs.pack,
      id: given.id,
      edit: editOf(given),
      score: given.score,
      retag: given.retag,
      actor,
      clock: workspace.clock,
      rulesVersion,
      ...(rev === undefined ? {} : { rev }),
      ...(given.reason === undefined ? {} : { reason: given.reason }),
    });
  },
};

function editOf({ set, example, score, retag }: z.output<typeof input>): Edit {
  if (set !== undefined && example !== undefined)
    throw new TilthError("input/invalid", { where: "edit", problem: "`set` and `example` were both given" });
  if (example !== undefined) return { example };
  if (set === undefined && !score && !retag)
    throw new TilthError("input/invalid", { where: "edit", problem: "neither `set` nor `example` was given" });
  return { set: set ?? {} };
}

function revOf(example: z.output<typeof input>["example"]): number | undefined {
  const rev = example?.["rev"];
  return typeof rev === "number" ? rev : undefined;
}

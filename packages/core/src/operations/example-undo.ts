import { z } from "zod";
import type { EditedExample } from "../intake/edit.ts";
import { undoExample as undo } from "../intake/undo.ts";
import { rulesVersion } from "../rules/run.ts";
import { editExample } from "./example-edit.ts";
import type { Operation } from "./operation.ts";

const input = z.strictObject({
  id: z.string().min(4, "at least four characters of the id").max(64),
  /** The revision whose change is taken back; absent = the one that is there. */
  rev: z.optional(z.int().min(1)),
  reason: z.optional(z.string().max(1_000)),
});

/** Takes back the last change of one example; undone twice, it stands again. */
export const undoExample: Operation<"example.undo", z.output<typeof input>, EditedExample> = {
  on: "workspace",
  name: "example.undo",
  title: "Take back the last change of one example",
  http: { method: "POST", path: "/examples/:id/undo" },
  scope: "training_data:write",
  input,
  output: editExample.output,
  body: "json",
  answer: "json",
  readOnly: false,
  destructive: false,
  idempotent: false,
  run: async (workspace, { id, rev, reason }, { actor }) =>
    undo({
      storage: await workspace.storage(),
      door: await workspace.door(),
      redactor: workspace.redactor,
      id,
      actor,
      clock: workspace.clock,
      rulesVersion,
      ...(rev === undefined ? {} : { rev }),
      ...(reason === undefined ? {} : { reason }),
    }),
};

import { z } from "zod";
import type { Operation } from "./operation.ts";
import type { SelectionResult } from "./selection.ts";
import { runOnSelection, selectionResultSchema, selectionShape } from "./selection.ts";

const input = z.strictObject(selectionShape);

/** Moves examples to the trash: they are in no list and no new version until they are restored. */
export const trashExamples: Operation<"example.trash", z.output<typeof input>, SelectionResult, z.input<typeof input>> = {
  on: "workspace",
  name: "example.trash",
  title: "Move examples to the trash",
  http: { method: "POST", path: "/examples/trash" },
  scope: "training_data:delete",
  input,
  output: selectionResultSchema,
  body: "json",
  answer: "json",
  readOnly: false,
  destructive: true,
  idempotent: true,
  run: (workspace, selection, context) =>
    runOnSelection(workspace, selection, context, {
      op: "trash",
      step: "moving to the trash",
      plan: async (rows) =>
        rows.filter(({ lifecycle }) => lifecycle !== "trashed").map(({ id }) => ({ id, set: { lifecycle: "trashed" } })),
    }),
};

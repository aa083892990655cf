import { z } from "zod";
import { TilthError } from "../errors.ts";
import { mendTexts } from "../intake/mend.ts";
import type { Workspace } from "../workspace.ts";
import type { Operation } from "./operation.ts";
import type { SelectionResult } from "./selection.ts";
import { runOnSelection, selectionResultSchema, selectionShape } from "./selection.ts";

const tag = z.string().trim().min(1).max(1_000);
const input = z.strictObject({ ...selectionShape, add: z.array(tag).max(100).default([]), remove: z.array(tag).max(100).default([]) });

/** Gives tags to examples and takes tags away. */
export const tagExamples: Operation<"example.tag", z.output<typeof input>, SelectionResult, z.input<typeof input>> = {
  on: "workspace",
  name: "example.tag",
  title: "Tag examples",
  http: { method: "POST", path: "/examples/tag" },
  scope: "training_data:write",
  input,
  output: selectionResultSchema,
  body: "json",
  answer: "json",
  readOnly: false,
  destructive: false,
  idempotent: true,
  async run(workspace, { add, remove, ...selection }, context) {
    if (add.length + remove.length === 0)
      throw new TilthError("input/invalid", { where: "tags", problem: "there is none to add and none to remove" });
    const both = add.find((one) => remove.includes(one));
    if (both !== undefined) throw new TilthError("input/invalid", { where: "tags", problem: `${both} is to be added and to be removed` });
    const added = add.map((one) => cleanTag(one, workspace));
    return runOnSelection(workspace, selection, context, {
      op: "tag",
      step: "tagging",
      plan: async (rows) =>
        rows.flatMap(({ id, tags }) => {
          const next = [...new Set([...tags.filter((one) => !remove.includes(one)), ...added])];
          return next.length === tags.length && next.every((one) => tags.includes(one)) ? [] : [{ id, set: {}, tags: next }];
        }),
    });
  },
};

/** A tag is stored like every other text: mended, and without personal data. */
function cleanTag(text: string, { redactor }: Workspace): string {
  const { value } = mendTexts(text);
  return redactor.text(typeof value === "string" ? value : text).text;
}

import { z } from "zod";
import type { FieldChange } from "../intake/field-changes.ts";
import { exampleChanges } from "../intake/field-changes.ts";
import { showExample } from "../storage/examples.ts";
import type { History, Revision } from "../storage/history.ts";
import { exampleWith, readHistory } from "../storage/history.ts";
import type { Storage } from "../storage/storage.ts";
import type { Json } from "../schema/json.ts";
import type { Operation } from "./operation.ts";

/** One change of an example, as its fields show it. */
export interface ShownRevision extends Omit<Revision, "before" | "after"> {
  /** What it changed, with the values before and after. */
  readonly changed: readonly FieldChange[];
}

/** How an example became what it is. */
export interface ExampleHistory extends Omit<History, "revisions"> {
  /** Newest first. */
  readonly revisions: readonly ShownRevision[];
}

const json: z.ZodType<Json> = z.json();

const input = z.strictObject({ id: z.string().min(4, "at least four characters of the id").max(64) });

const output: z.ZodType<ExampleHistory> = z.object({
  id: z.string(),
  rev: z.int(),
  createdAt: z.string(),
  createdBy: z.string(),
  revisions: z
    .array(
      z.object({
        rev: z.int(),
        at: z.string(),
        actor: z.string(),
        op: z.string(),
        reason: z.exactOptional(z.string()),
        changed: z.array(z.object({ field: z.string(), before: z.exactOptional(json), after: z.exactOptional(json) })).readonly(),
      }),
    )
    .readonly(),
});

/** Shows who changed what of an example, when and why. */
export const historyOfExample: Operation<"example.history", z.output<typeof input>, ExampleHistory> = {
  on: "workspace",
  name: "example.history",
  title: "Show who changed what of one example, when and why",
  http: { method: "GET", path: "/examples/:id/history" },
  scope: "training_data:read",
  input,
  output,
  body: "none",
  answer: "json",
  readOnly: true,
  destructive: false,
  idempotent: true,
  run: async (workspace, { id }) => shownHistory(await workspace.storage(), id),
};

/** From the example as it is, back through the values that each change replaced. */
async function shownHistory(storage: Storage, id: string): Promise<ExampleHistory> {
  const { example } = await showExample(storage, id);
  const { revisions, ...history } = await readHistory(storage, example.id);
  // A change that came between the two reads has its own revision: both begin where they agree.
  let after = revisions
    .filter(({ rev }) => rev > example.rev)
    .reduceRight((later, revision) => exampleWith(later, revision.after), example);
  const shown = revisions.map(({ before: values, after: _after, ...revision }) => {
    const before = exampleWith(after, values);
    const changed = exampleChanges(before, after);
    after = before;
    return { ...revision, changed };
  });
  return { ...history, revisions: shown };
}

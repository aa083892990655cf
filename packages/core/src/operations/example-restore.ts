import { z } from "zod";
import type { Lifecycle } from "../schema/example.ts";
import { lifecycles } from "../schema/example.ts";
import type { Queries } from "../storage/storage.ts";
import type { Operation } from "./operation.ts";
import type { SelectionResult } from "./selection.ts";
import { runOnSelection, selectionResultSchema, selectionShape } from "./selection.ts";

const input = z.strictObject(selectionShape);

/** Brings examples back from the trash, to where they were before: active, archived or quarantined. */
export const restoreExamples: Operation<"example.restore", z.output<typeof input>, SelectionResult, z.input<typeof input>> = {
  on: "workspace",
  name: "example.restore",
  title: "Bring examples back from the trash",
  http: { method: "POST", path: "/examples/restore" },
  scope: "training_data:delete",
  input,
  output: selectionResultSchema,
  body: "json",
  answer: "json",
  readOnly: false,
  destructive: false,
  idempotent: true,
  run: (workspace, selection, context) =>
    runOnSelection(workspace, selection, context, {
      op: "restore",
      step: "bringing back",
      trash: "alone",
      plan: async (rows, queries) => {
        const trashed = rows.filter(({ lifecycle }) => lifecycle === "trashed");
        const before = await lifecyclesBefore(
          queries,
          trashed.map(({ n }) => n),
        );
        return trashed.map(({ id, n }) => ({ id, set: { lifecycle: before.get(n) ?? "active" } }));
      },
    }),
};

/** What the examples were when they were last trashed. */
async function lifecyclesBefore(queries: Queries, ns: readonly number[]): Promise<ReadonlyMap<number, Lifecycle>> {
  if (ns.length === 0) return new Map();
  const revisions = await queries
    .selectFrom("revision")
    .select(["n", "before"])
    .where("n", "in", ns)
    .where("op", "=", "trash")
    .orderBy("rev")
    .execute();
  const found = new Map<number, Lifecycle>();
  for (const { n, before } of revisions) {
    const held: { readonly lifecycle?: string } = JSON.parse(before);
    const lifecycle = lifecycles.find((known) => known === held.lifecycle);
    if (lifecycle !== undefined) found.set(n, lifecycle);
  }
  return found;
}

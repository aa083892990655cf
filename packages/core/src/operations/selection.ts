import { z } from "zod";
import { findDataset } from "../dataset/datasets.ts";
import { TilthError } from "../errors.ts";
import type { Filter } from "../schema/filter.ts";
import { parseFilter } from "../schema/filter.ts";
import type { ChangedSelection, Plan, Selection } from "../storage/change-selected.ts";
import { changeSelected } from "../storage/change-selected.ts";
import type { Workspace } from "../workspace.ts";
import type { OperationContext } from "./operation.ts";

/** Members of an input that names examples, or says which ones fit. */
export const selectionShape = {
  /** Ids, or starts of ids of at least four characters. */
  ids: z.array(z.string().min(4, "at least four characters of the id").max(64)).max(10_000).default([]),
  /** In the filter language. */
  where: z.optional(z.string().min(1).max(8_000)),
  /** A dataset's name or id: only its members. */
  dataset: z.optional(z.string().min(1)),
  reason: z.optional(z.string().max(1_000)),
  dryRun: z.boolean().default(false),
} as const;

const selectionInput = z.strictObject(selectionShape);
export type SelectionInput = z.output<typeof selectionInput>;

/** What became of a selection. */
export interface SelectionResult extends ChangedSelection {
  readonly dryRun: boolean;
  /** The moment that all of its changes bear, ISO 8601: with it a filter finds them again. */
  readonly at: string;
}

export const selectionResultSchema: z.ZodType<SelectionResult> = z.object({
  matched: z.int().min(0),
  changed: z.int().min(0),
  first: z.array(z.string()).readonly(),
  dryRun: z.boolean(),
  at: z.string(),
});

/**
 * Parses a filter and leaves examples in the trash out of it (or takes only them), unless it asks for `lifecycle` itself.
 *
 * @throws {@link TilthError} `filter/…`.
 */
export function filterOf(where: string | undefined, nowMs: number, trash: "left-out" | "alone" = "left-out"): Filter {
  const aside: Filter = { kind: "compare", field: "lifecycle", operator: trash === "alone" ? "=" : "!=", value: "trashed" };
  if (where === undefined) return aside;
  const filter = parseFilter(where, { nowMs });
  return asksForLifecycle(filter) ? filter : { kind: "and", all: [filter, aside] };
}

/**
 * Carries out a plan on the examples an input selects.
 *
 * @throws {@link TilthError} `input/invalid` where nothing is selected or twice over; `dataset/not-found`, `filter/…`, `example/…`.
 */
export async function runOnSelection(
  workspace: Workspace,
  input: SelectionInput,
  context: OperationContext,
  { op, step, trash, plan }: { readonly op: string; readonly step: string; readonly trash?: "left-out" | "alone"; readonly plan: Plan },
): Promise<SelectionResult> {
  const storage = await workspace.storage();
  const atMs = workspace.clock.nowMs();
  const result = await changeSelected(storage, await selectionOf(workspace, input, atMs, trash), {
    op,
    plan,
    atMs,
    actor: context.actor,
    dryRun: input.dryRun,
    progress: ({ done, total }) => context.progress?.({ step, done, total, unit: "rows" }),
    ...(input.reason === undefined ? {} : { reason: input.reason }),
    ...(context.signal === undefined ? {} : { signal: context.signal }),
  });
  return { ...result, dryRun: input.dryRun, at: new Date(atMs).toISOString() };
}

async function selectionOf(
  workspace: Workspace,
  { ids, where, dataset }: SelectionInput,
  nowMs: number,
  trash: "left-out" | "alone" | undefined,
): Promise<Selection> {
  const fits = where !== undefined || dataset !== undefined;
  if (ids.length > 0 === fits) {
    throw new TilthError("input/invalid", {
      where: "examples",
      problem: fits ? "ids and a filter were both given" : "neither ids nor a filter were given",
    });
  }
  if (!fits) return { ids };
  const filter = filterOf(where, nowMs, trash);
  return dataset === undefined
    ? { where: filter }
    : { where: filter, datasetId: (await findDataset(await workspace.storage(), dataset)).id };
}

function asksForLifecycle(filter: Filter): boolean {
  switch (filter.kind) {
    case "and":
      return filter.all.some(asksForLifecycle);
    case "or":
      return filter.any.some(asksForLifecycle);
    case "not":
      return asksForLifecycle(filter.filter);
    case "compare":
    case "in":
    case "contains":
    case "has":
    case "missing":
    case "matches":
      return filter.field === "lifecycle";
  }
}

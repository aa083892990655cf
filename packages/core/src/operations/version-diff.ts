import { z } from "zod";
import { findDataset } from "../dataset/datasets.ts";
import type { VersionDiff } from "../dataset/diff-tally.ts";
import type { DiffSide } from "../dataset/diff-sides.ts";
import { diffVersions as diff } from "../dataset/diff.ts";
import type { Located } from "../dataset/locate.ts";
import { locate, nameOf } from "../dataset/locate.ts";
import { readManifest } from "../dataset/manifest.ts";
import { parseReference } from "../dataset/refs.ts";
import { kinds } from "../schema/content.ts";
import { exampleSchema } from "../schema/example.ts";
import type { Workspace } from "../workspace.ts";
import type { Operation } from "./operation.ts";

/** What changed from one version to the other, with their names. */
export interface DiffedVersions extends VersionDiff {
  /** Absent where a first version is compared with nothing. */
  readonly before?: string;
  readonly after: string;
}

const input = z.strictObject({
  /** A version; alone, it is compared with the one before it, and a dataset's newest with what is not committed yet. */
  before: z.string().min(1),
  /** Such as `support@1.2` or `support@pool`. */
  after: z.optional(z.string().min(1)),
  /** How many added, how many removed and how many changed examples are listed at most. */
  limit: z.int().min(0).max(10_000).default(1_000),
  /** Only these fields are compared; `labels` covers `labels.intent`. */
  fields: z.optional(z.array(z.string().min(1)).max(100)),
});

const count = z.int().min(0);
const change = z.object({ field: z.string(), before: z.exactOptional(z.json()), after: z.exactOptional(z.json()) });

const output: z.ZodType<DiffedVersions> = z.object({
  before: z.exactOptional(z.string()),
  after: z.string(),
  added: count,
  removed: count,
  changed: count,
  fields: z.array(z.object({ field: z.string(), examples: count })).readonly(),
  transitions: z
    .array(z.object({ field: z.string(), before: z.exactOptional(z.string()), after: z.exactOptional(z.string()), examples: count }))
    .readonly(),
  otherTransitions: count,
  examples: z.object({
    added: z.array(exampleSchema).readonly(),
    removed: z.array(exampleSchema).readonly(),
    changed: z.array(z.object({ id: z.string(), kind: z.enum(kinds), changes: z.array(change).readonly() })).readonly(),
  }),
});

/** Says what changed between two versions: every field of every example, by id. */
export const diffVersions: Operation<"version.diff", z.output<typeof input>, DiffedVersions, z.input<typeof input>> = {
  on: "workspace",
  name: "version.diff",
  title: "Say what changed between two versions",
  http: { method: "GET", path: "/diff" },
  scope: "training_data:read",
  runs: "aside",
  input,
  output,
  body: "none",
  answer: "json",
  readOnly: true,
  destructive: false,
  idempotent: true,
  async run(workspace, { before: first, after: second, limit, fields }, context) {
    const { before, after } = await sidesOf(workspace, first, second);
    const found = await diff({
      objects: await workspace.objects(),
      duck: workspace.duck(),
      before: before === undefined ? { kind: "nothing" } : await sideOf(workspace, before),
      after: await sideOf(workspace, after),
      limit,
      ...(fields === undefined ? {} : { fields }),
      progress: ({ done, total }) => context.progress?.({ step: `comparing ${nameOf(after)}`, done, total, unit: "rows" }),
      ...(context.signal === undefined ? {} : { signal: context.signal }),
    });
    return { ...(before === undefined ? {} : { before: nameOf(before) }), after: nameOf(after), ...found };
  },
};

async function sidesOf(
  workspace: Workspace,
  first: string,
  second: string | undefined,
): Promise<{ readonly before?: Located; readonly after: Located }> {
  const [storage, objects] = [await workspace.storage(), await workspace.objects()];
  const one = await locate(storage, objects, first);
  if (second !== undefined) return { before: one, after: await locate(storage, objects, second) };
  const { dataset, version } = parseReference(first);
  // Written without a version: what has changed since the newest.
  if (!first.includes("@") || version.kind === "pool") {
    return { before: await locate(storage, objects, `${dataset}@latest`), after: { kind: "pool", dataset: one.dataset } };
  }
  const [parent] = one.kind === "version" ? one.manifest.parents : [];
  if (parent === undefined || one.kind !== "version") return { after: one };
  return { before: { ...one, manifest: await readManifest(objects, parent.manifest) }, after: one };
}

async function sideOf(workspace: Workspace, located: Located): Promise<DiffSide> {
  if (located.kind === "version") return { kind: "version", manifest: located.manifest };
  const storage = await workspace.storage();
  const { id, recipe } = await findDataset(storage, located.dataset);
  return { kind: "pool", storage, dataset: id, recipe, nowMs: workspace.clock.nowMs() };
}

import { join, resolve } from "node:path";
import { z } from "zod";
import { findDataset } from "../dataset/datasets.ts";
import { exportExamples } from "../dataset/export.ts";
import { examplesOfPool, examplesOfVersion } from "../dataset/examples.ts";
import type { Located } from "../dataset/locate.ts";
import { locate } from "../dataset/locate.ts";
import { createSplitRule } from "../dataset/split.ts";
import { fileKinds } from "../files/list.ts";
import { formats } from "../formats/list.ts";
import type { Example } from "../schema/example.ts";
import type { SplitRule } from "../schema/manifest.ts";
import type { Workspace } from "../workspace.ts";
import { named } from "./named.ts";
import type { Operation, OperationContext } from "./operation.ts";

const input = z.strictObject({
  /** Such as `support`, `support@1.2` or `support@pool`. */
  version: z.string().min(1),
  format: z.string().min(1).default("tilth"),
  out: z.optional(z.string().min(1)),
  split: z.boolean().default(true),
  metadata: z.boolean().default(true),
  allColumns: z.boolean().default(false),
  bare: z.boolean().default(false),
  columns: z.optional(z.enum(["classic"])),
  weights: z.optional(z.enum(["repeat", "ignore", "refuse"])),
  seed: z.optional(z.int()),
  dryRun: z.boolean().default(false),
});

const count = z.int().min(0);
const counts = z.record(z.string(), count);

const output = z.object({
  dataset: z.string(),
  label: z.string(),
  format: z.string(),
  folder: z.string(),
  dryRun: z.boolean(),
  /** Examples: `read = written + refused + sampledOut`. */
  read: count,
  written: count,
  refused: count,
  sampledOut: count,
  rows: count,
  losses: counts,
  refusals: counts,
  files: z.array(z.object({ name: z.string(), split: z.string(), rows: count, bytes: z.exactOptional(count), sha256: z.exactOptional(z.string()) })).readonly(),
  empty: z.array(z.string()).readonly(),
});

export type ExportedDataset = z.output<typeof output>;

/** Writes a version, or what is not committed yet, as files of one format. */
export const exportDataset: Operation<"dataset.export", z.output<typeof input>, ExportedDataset, z.input<typeof input>> = {
  on: "workspace",
  name: "dataset.export",
  title: "Write the files a trainer accepts",
  http: { method: "GET", path: "/datasets/:dataset/export" },
  scope: "training_data:read",
  input,
  output,
  body: "none",
  answer: "json",
  readOnly: false,
  destructive: false,
  idempotent: true,
  async run(workspace, given, context) {
    const storage = await workspace.storage();
    const located = await locate(storage, await workspace.objects(), given.version);
    if (located.kind === "version") return write(workspace, given, context, await versionSource(workspace, located, context.signal));
    const { id, recipe } = await findDataset(storage, located.dataset);
    // Both passes of an export see one snapshot, whatever others write meanwhile.
    return storage.read((snapshot) => {
      const pool = { snapshot, dataset: id, recipe, nowMs: workspace.clock.nowMs() };
      const source = { dataset: id, label: "pool", examples: () => examplesOfPool(pool, context.signal), split: createSplitRule(id), proof: {} };
      return write(workspace, given, context, source);
    });
  },
};

/** What is written: a version, or a dataset's members as they are now. */
interface Source {
  readonly dataset: string;
  readonly label: string;
  readonly examples: () => AsyncIterable<readonly Example[]>;
  readonly split: SplitRule;
  readonly proof: { readonly manifest?: string; readonly recipe?: string };
  readonly rows?: number;
}

async function versionSource(workspace: Workspace, { dataset, entry, manifest }: Extract<Located, { readonly kind: "version" }>, signal: AbortSignal | undefined): Promise<Source> {
  const objects = await workspace.objects();
  return {
    dataset,
    label: manifest.label,
    examples: () => examplesOfVersion({ objects, duck: workspace.duck(), manifest, ...(signal === undefined ? {} : { signal }) }),
    split: manifest.split,
    proof: { manifest: entry.manifest, recipe: manifest.provenance.recipe },
    rows: manifest.rows,
  };
}

async function write(workspace: Workspace, given: z.output<typeof input>, context: OperationContext, source: Source): Promise<ExportedDataset> {
  const { dataset, label, rows } = source;
  const format = named(formats, given.format, "format");
  const folder = given.out === undefined ? join(workspace.paths.exports, `${dataset}-${label}-${format.name}`) : resolve(given.out);
  const { left: _, ...report } = await exportExamples({
    examples: source.examples,
    format,
    fileKind: named(fileKinds, format.file, "layout"),
    split: given.split ? { rule: source.split } : {},
    folder,
    about: { dataset, version: label, ...source.proof },
    options: {
      allColumns: given.allColumns,
      noMetadata: !given.metadata,
      bare: given.bare,
      classic: given.columns === "classic",
      dryRun: given.dryRun,
      ...(given.weights === undefined ? {} : { weights: given.weights }),
      ...(given.seed === undefined ? {} : { seed: String(given.seed) }),
      ...(workspace.packs.pack.render === undefined ? {} : { render: workspace.packs.pack.render }),
    },
    progress: ({ step, examples }) =>
      context.progress?.({ step: `${step} at ${dataset}@${label}`, done: examples, ...(rows === undefined ? {} : { total: rows }), unit: "rows" }),
    ...(context.signal === undefined ? {} : { signal: context.signal }),
  });
  return { dataset, label, format: format.name, folder, ...report };
}

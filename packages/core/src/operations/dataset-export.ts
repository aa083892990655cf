import { createReadStream } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { chooser } from "../dataset/choose.ts";
import { findDataset } from "../dataset/datasets.ts";
import type { ExportForecast } from "../dataset/export-plan.ts";
import { exportExamples } from "../dataset/export.ts";
import { examplesOfPool, examplesOfVersion } from "../dataset/examples.ts";
import type { Located } from "../dataset/locate.ts";
import { locate } from "../dataset/locate.ts";
import type { PoolSource } from "../dataset/pool-rows.ts";
import { idsName } from "../dataset/receipt.ts";
import { createSplitRule } from "../dataset/split.ts";
import { fileKinds } from "../files/list.ts";
import { formats } from "../formats/list.ts";
import type { Example } from "../schema/example.ts";
import { parseFilter } from "../schema/filter.ts";
import type { Recipe, SplitRule } from "../schema/manifest.ts";
import type { Snapshot, Storage } from "../storage/storage.ts";
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
  /** In the filter language: only examples that fit. */
  where: z.optional(z.string().max(8_000)),
  /** Only examples whose quality score is at least this, 0 to 1. */
  minQuality: z.optional(z.number().min(0).max(1)),
  /** Only examples that were in no training run and in no export marked as used. */
  excludeUsed: z.boolean().default(false),
  /** The first so many examples, by id. */
  limit: z.optional(z.int().min(1)),
  /** Keeps under this name that the written examples were used. */
  markUsed: z.optional(z.string().min(1).max(200)),
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
  files: z
    .array(
      z.object({ name: z.string(), split: z.string(), rows: count, bytes: z.exactOptional(count), sha256: z.exactOptional(z.string()) }),
    )
    .readonly(),
  empty: z.array(z.string()).readonly(),
  /** Examples newly marked as used. */
  marked: count,
});

export type ExportedDataset = z.output<typeof output>;

/** Writes a version, or what is not committed yet, as files of one format. */
export const exportDataset: Operation<"dataset.export", z.output<typeof input>, ExportedDataset, z.input<typeof input>> = {
  on: "workspace",
  name: "dataset.export",
  title: "Write the files a trainer accepts",
  http: { method: "GET", path: "/datasets/:dataset/export", places: { out: "own" } },
  scope: "training_data:read",
  changesWith: { members: ["markUsed"], scope: "training_data:write" },
  runs: "job",
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
    const dataset = located.kind === "pool" ? await findDataset(storage, located.dataset) : undefined;
    // Both passes of an export see one snapshot of the pool, whatever others write meanwhile.
    const written = await storage.read(async (snapshot) => {
      const source =
        located.kind === "version"
          ? await versionSource(workspace, located, context.signal)
          : poolSource(
              { snapshot, dataset: located.dataset, recipe: dataset?.recipe ?? allMembers, nowMs: workspace.clock.nowMs() },
              context.signal,
            );
      return write(workspace, given, context, await chosen(source, given, workspace, snapshot));
    });
    const marked =
      given.markUsed === undefined || given.dryRun ? 0 : await markWritten(storage, written, given.markUsed, context, workspace);
    return { ...written, marked };
  },
};

const allMembers: Recipe = { format: 1, from: "members" };

/** What is written: a version, or a dataset's members as they are now. */
interface Source {
  readonly dataset: string;
  readonly label: string;
  readonly examples: () => AsyncIterable<readonly Example[]>;
  readonly split: SplitRule;
  readonly proof: { readonly manifest?: string; readonly recipe?: string };
  readonly rows?: number;
  readonly where?: string;
}

type Written = Omit<ExportedDataset, "marked">;

function poolSource(pool: PoolSource, signal: AbortSignal | undefined): Source {
  const { dataset } = pool;
  return { dataset, label: "pool", examples: () => examplesOfPool(pool, signal), split: createSplitRule(dataset), proof: {} };
}

/** The source with only the examples that were asked for; a filter is kept for the receipt as it was understood. */
async function chosen(source: Source, given: z.output<typeof input>, workspace: Workspace, snapshot: Snapshot): Promise<Source> {
  const conditions = [
    ...(given.where === undefined ? [] : [`(${given.where})`]),
    ...(given.minQuality === undefined ? [] : [`quality.score >= ${given.minQuality}`]),
    ...(given.excludeUsed ? ["used = false"] : []),
  ];
  if (conditions.length === 0) return source;
  const where = conditions.join(" and ");
  const fits = await chooser(parseFilter(where, { nowMs: workspace.clock.nowMs() }), snapshot);
  const { rows: _, ...rest } = source;
  return {
    ...rest,
    where,
    async *examples() {
      for await (const batch of source.examples()) yield batch.filter(fits);
    },
  };
}

/** Marks what the files hold, by the lists of ids beside them. */
async function markWritten(
  storage: Storage,
  written: Written,
  name: string,
  context: OperationContext,
  workspace: Workspace,
): Promise<number> {
  let marked = 0;
  const use = { name, kind: "export", actor: context.actor, atMs: workspace.clock.nowMs() } as const;
  for (const file of written.files) {
    let ids = new Set<string>();
    for await (const id of linesOf(join(written.folder, idsName(file.name)))) {
      ids.add(id);
      if (ids.size < IDS_A_CALL) continue;
      marked += (await storage.markUsed([...ids], use)).marked;
      ids = new Set();
    }
    if (ids.size > 0) marked += (await storage.markUsed([...ids], use)).marked;
  }
  return marked;
}

const IDS_A_CALL = 5_000;

function linesOf(path: string): AsyncIterable<string> {
  return createInterface({ input: createReadStream(path), crlfDelay: Infinity });
}

async function versionSource(
  workspace: Workspace,
  { dataset, entry, manifest }: Extract<Located, { readonly kind: "version" }>,
  signal: AbortSignal | undefined,
): Promise<Source> {
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

async function write(workspace: Workspace, given: z.output<typeof input>, context: OperationContext, source: Source): Promise<Written> {
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
      listRefused: true,
      ...(source.where === undefined ? {} : { where: source.where }),
      ...(given.limit === undefined ? {} : { limit: given.limit }),
      ...(given.weights === undefined ? {} : { weights: given.weights }),
      ...(given.seed === undefined ? {} : { seed: String(given.seed) }),
      ...(workspace.packs.pack.render === undefined ? {} : { render: workspace.packs.pack.render }),
    },
    foretell: (forecast) => foretell(forecast, format.name, context),
    progress: ({ step, examples }) =>
      context.progress?.({
        step: `${step} at ${dataset}@${label}`,
        done: examples,
        ...(rows === undefined ? {} : { total: rows }),
        unit: "rows",
      }),
    ...(context.signal === undefined ? {} : { signal: context.signal }),
  });
  return { dataset, label, format: format.name, folder, ...report };
}

function foretell({ losses, refusals }: ExportForecast, format: string, { remark }: OperationContext): void {
  const told = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(([what, times]) => `${what} (${times})`)
      .join(", ");
  if (Object.keys(losses).length > 0) remark?.(`${format} cannot hold everything: it loses ${told(losses)}.`);
  if (Object.keys(refusals).length > 0)
    remark?.(`${format} cannot express some examples, which are left out and listed in .tilth-refused/: ${told(refusals)}.`);
}

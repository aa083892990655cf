import { z } from "zod";
import { findDataset } from "../dataset/datasets.ts";
import { examplesOfPool, examplesOfVersion } from "../dataset/examples.ts";
import { locate } from "../dataset/locate.ts";
import type { Validation, ValidationIssue } from "../insight/validation.ts";
import { validateExamples } from "../insight/validation.ts";
import type { Example } from "../schema/example.ts";
import { severities } from "../schema/finding.ts";
import type { Operation } from "./operation.ts";

const input = z.strictObject({
  /** A dataset's name or id. */
  dataset: z.string().min(1),
  /** Such as `1.2` or `latest`; absent: its members as they are now. */
  version: z.optional(z.string().min(1).max(200)),
  /** How many issues of each severity are listed; all are counted. */
  limit: z.int().min(0).max(10_000).default(100),
});

/** Document 2's report of a validation. */
export interface ValidationReport extends Validation {
  readonly dataset_id: string;
  /** Label of the version, or `pool`. */
  readonly version: string;
  readonly validation_id: string;
  /** ISO 8601. */
  readonly timestamp: string;
}

const count = z.int().min(0);
const counts = z.record(z.string(), count);
const issue: z.ZodType<ValidationIssue> = z.object({
  example_id: z.exactOptional(z.string()),
  rule: z.string(),
  severity: z.enum(severities),
  message: z.string(),
  at: z.string(),
  start: z.exactOptional(count),
  end: z.exactOptional(count),
  suggestion: z.exactOptional(z.string()),
});

const output: z.ZodType<ValidationReport> = z.object({
  dataset_id: z.string(),
  version: z.string(),
  validation_id: z.string(),
  timestamp: z.string(),
  total_examples: count,
  valid_examples: count,
  invalid_examples: count,
  quality_score: z.number().min(0).max(1),
  issues: z.array(issue).readonly(),
  statistics: z.object({
    errors: counts,
    rules: counts,
    severities: z.object({ error: count, warning: count, info: count }),
    kinds: counts,
    tiers: counts,
    intents: counts,
  }),
  recommendations: z.array(z.string()).readonly(),
});

/** Checks every example of a dataset with the rules as they are now; nothing is changed. */
export const validateDataset: Operation<"dataset.validate", z.output<typeof input>, ValidationReport, z.input<typeof input>> = {
  on: "workspace",
  name: "dataset.validate",
  title: "Check every example of a dataset again",
  http: { method: "POST", path: "/datasets/:dataset/validate" },
  scope: "training_data:read",
  runs: "job",
  input,
  output,
  body: "json",
  answer: "json",
  readOnly: true,
  destructive: false,
  idempotent: true,
  async run(workspace, { dataset: name, version, limit }, { progress, signal }) {
    const storage = await workspace.storage();
    const { id, recipe } = await findDataset(storage, name);
    const located = await locate(storage, await workspace.objects(), `${id}@${version ?? "pool"}`);
    const nowMs = workspace.clock.nowMs();
    const stop = signal === undefined ? {} : { signal };
    const check = (batches: AsyncIterable<readonly Example[]>): Promise<Validation> =>
      validateExamples(batches, {
        pack: workspace.packs.pack,
        limit,
        ...stop,
        progress: (done) => progress?.({ step: `checking ${name}`, done, unit: "rows" }),
      });
    const validation =
      located.kind === "pool"
        ? await storage.read((snapshot) => check(examplesOfPool({ snapshot, dataset: id, recipe, nowMs }, signal)))
        : await check(
            examplesOfVersion({ objects: await workspace.objects(), duck: workspace.duck(), manifest: located.manifest, ...stop }),
          );
    return {
      dataset_id: id,
      version: located.kind === "pool" ? "pool" : located.manifest.label,
      validation_id: workspace.newId(),
      timestamp: new Date(nowMs).toISOString(),
      ...validation,
    };
  },
};

import { join, resolve } from "node:path";
import { z } from "zod";
import { checkoutVersion as checkout } from "../dataset/checkout.ts";
import { locate } from "../dataset/locate.ts";
import { TilthError } from "../errors.ts";
import type { Operation } from "./operation.ts";

const input = z.strictObject({
  /** Such as `support`, `support@latest` or `support@1.2`. */
  version: z.string().min(1),
  out: z.optional(z.string().min(1)),
});

const output = z.object({
  dataset: z.string(),
  label: z.string(),
  folder: z.string(),
  files: z.array(z.string()).readonly(),
  rows: z.int().min(0),
  bytes: z.int().min(0),
  /** False when the folder held this checkout already. */
  created: z.boolean(),
});

export type CheckedOutVersion = z.output<typeof output>;

/** Writes a version as plain Parquet files, for tools without Tilth. */
export const checkoutVersion: Operation<"version.checkout", z.output<typeof input>, CheckedOutVersion, z.input<typeof input>> = {
  on: "workspace",
  name: "version.checkout",
  title: "Write a version as Parquet files",
  http: { method: "POST", path: "/checkout", places: { out: "withheld" } },
  scope: "training_data:read",
  runs: "job",
  input,
  output,
  body: "json",
  answer: "json",
  readOnly: false,
  destructive: false,
  idempotent: true,
  async run(workspace, { version, out }, context) {
    const objects = await workspace.objects();
    const located = await locate(await workspace.storage(), objects, version);
    if (located.kind === "pool")
      throw new TilthError("input/invalid", {
        where: version,
        problem: "what is not committed has no files to check out; commit it first",
      });
    const { dataset, entry } = located;
    const made = await checkout({
      objects,
      entry,
      folder: out === undefined ? join(workspace.paths.exports, `${dataset}-${entry.label}`) : resolve(out),
      progress: ({ done, total }) => context.progress?.({ step: `checking out ${dataset}@${entry.label}`, done, total, unit: "objects" }),
      ...(context.signal === undefined ? {} : { signal: context.signal }),
    });
    return { dataset, label: entry.label, ...made };
  },
};

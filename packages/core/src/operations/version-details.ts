import { z } from "zod";
import { nameOf } from "../dataset/locate.ts";
import { readManifest, readRecipe } from "../dataset/manifest.ts";
import type { Objects } from "../objects/objects.ts";
import type { Manifest, Recipe, RefEntry, SplitRule, VersionStatistics } from "../schema/manifest.ts";
import { recipeSchema, versionStatisticsSchema } from "../schema/manifest.ts";
import type { VersionSummary } from "./version-summary.ts";
import { summarizeVersion, versionSummaryShape } from "./version-summary.ts";

/** One version with what its manifest says beyond a line of a list. */
export interface VersionDetails extends VersionSummary {
  /** The version before it, as `support@1.1`; absent for a first one. */
  readonly before?: string;
  readonly recipe: Recipe;
  readonly ratios: SplitRule["ratios"];
  /** The program that made it. */
  readonly tool: string;
  /** Versions of earlier programs have none. */
  readonly statistics?: VersionStatistics;
}

export const versionDetailsSchema: z.ZodType<VersionDetails> = z.object({
  ...versionSummaryShape,
  before: z.exactOptional(z.string()),
  recipe: recipeSchema,
  ratios: z.object({ train: z.number(), validation: z.number(), test: z.number() }),
  tool: z.string(),
  statistics: z.exactOptional(versionStatisticsSchema),
});

/** Reads what a manifest refers to and a person wants to see with it. */
export async function detailVersion(objects: Objects, entry: RefEntry, manifest: Manifest): Promise<VersionDetails> {
  const { statistics, split, provenance } = manifest;
  const [parent] = manifest.parents;
  const before = parent === undefined ? undefined : await nameOfManifest(objects, entry, parent.manifest);
  return {
    ...summarizeVersion(entry, manifest),
    ...(before === undefined ? {} : { before }),
    recipe: await readRecipe(objects, provenance.recipe),
    ratios: split.ratios,
    tool: provenance.tool,
    ...(statistics === undefined ? {} : { statistics }),
  };
}

async function nameOfManifest(objects: Objects, entry: RefEntry, sha256: string): Promise<string> {
  const manifest = await readManifest(objects, sha256);
  return nameOf({ kind: "version", dataset: manifest.dataset, entry, manifest });
}
